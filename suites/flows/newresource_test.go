package flows

import (
	"encoding/json"
	"testing"
)

func TestWhatAnAnswerSaysOfAName(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][2]bool{
		`{"user_id":7,"user_name":"ada-1"}`:                              {true, true},
		`{"data":{"userName":"ADA-1"}}`:                                  {true, true},
		`{"users":[{"user-name":"ada-1@pos.example"}]}`:                  {true, true},
		`{"login":"ada-1","user_name":"Ada Lovelace"}`:                   {true, true},
		`{"user_name":"bob"}`:                                            {false, true},
		`{"data":[{"User_Name":"bob"}]}`:                                 {false, true},
		`{"user_name":""}`:                                               {false, false},
		`{"user_id":7}`:                                                  {false, false},
		`{"status":"ok"}`:                                                {false, false},
		`{"user_name":"ada-1","created_by":{"user_name":"the-manager"}}`: {true, true},
	} {
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil {
			t.Fatal(err)
		}
		if shows, has := names(value, "user_name", "ada-1"); shows != want[0] || has != want[1] {
			t.Errorf("%s: shows %t, has %t; want %v", body, shows, has, want)
		}
	}
}
