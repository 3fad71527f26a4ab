package operation_test

import (
	"testing"
)

func TestHeadersArePromises(t *testing.T) {
	t.Parallel()
	op := documented(t, `
        "200":
          description: ok
          headers:
            Age: {schema: {type: integer, maximum: 9}}
        "401":
          description: no
          headers:
            WWW-Authenticate:
              required: true
              description: a Bearer challenge
              schema: {type: string, pattern: '^(?i)bearer\b'}
              x-gonogo: {requirement: ROW-1}
`)
	for name, tc := range map[string]struct {
		status  int
		headers [][2]string
		want    string
	}{
		"kept":                    {401, [][2]string{{"WWW-Authenticate", `bearer realm="x"`}}, ""},
		"kept by the second":      {401, [][2]string{{"WWW-Authenticate", "Basic"}, {"WWW-Authenticate", "Bearer"}}, ""},
		"missing":                 {401, nil, "the header WWW-Authenticate: there / no such header ROW-1"},
		"other":                   {401, [][2]string{{"WWW-Authenticate", "Basic"}}, "the header WWW-Authenticate: a Bearer challenge / another value ROW-1"},
		"others":                  {401, [][2]string{{"WWW-Authenticate", "Basic"}, {"WWW-Authenticate", "Digest"}}, "the header WWW-Authenticate: a Bearer challenge / 2 other values ROW-1"},
		"optional, and not there": {200, nil, ""},
		"a number":                {200, [][2]string{{"Age", "7"}}, ""},
		"a number too large":      {200, [][2]string{{"Age", "17"}}, "the header Age: what the document describes / another value "},
		"no number":               {200, [][2]string{{"Age", "old"}}, "the header Age: what the document describes / another value "},
	} {
		x := answer(tc.status, "")
		for _, header := range tc.headers {
			x.Header.Add(header[0], header[1])
		}
		got := ""
		for _, m := range op.Read(x).Mismatches {
			got += m.Expected() + " / " + m.Got + " " + m.Requirement
		}
		if got != tc.want {
			t.Errorf("%s: got %q, wanted %q", name, got, tc.want)
		}
	}
}
