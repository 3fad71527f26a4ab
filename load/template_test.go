package load

import (
	"net/url"
	"strings"
	"testing"
)

func TestWhatFillsAGapIsEscapedForWhereItStands(t *testing.T) {
	marks := map[string]gap{"MARK": accessGap, "OTHER": uniqueGap}
	const odd = `a"b\c<d>&e+f/g=h ö%`
	f := &fill{access: []byte(odd), unique: []byte("u1")}
	if got := string(cut(`{"t":"MARK","n":"x OTHER OTHER"}`, marks, escapeJSON).append(nil, f)); got != `{"t":"a\"b\\c<d>&e+f/g=h ö%","n":"x u1 u1"}` {
		t.Errorf("in JSON it is %s", got)
	}
	query := string(cut("/p?a=MARK&b=OTHER", marks, escapeQuery).append(nil, f))
	values, err := url.ParseQuery(strings.TrimPrefix(query, "/p?"))
	if err != nil || values.Get("a") != odd || values.Get("b") != "u1" {
		t.Errorf("in a query it is %s: %v", query, err)
	}
	if got := string(cut("Bearer MARK", marks, asIs).append(nil, f)); got != "Bearer "+odd {
		t.Errorf("in a header it is %s", got)
	}
	if got := cut("nothing to fill", marks, asIs); len(got) != 1 || string(got.append(nil, f)) != "nothing to fill" {
		t.Errorf("without a mark it is %v", got)
	}
}
