package specs

import (
	_ "embed" // the list
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed common/threats.yaml
var threatList []byte

// Threat is one that RFC 6819 or RFC 9700 describes, and that a server's answers can show to be met.
type Threat struct {
	ID   string `json:"id"`   // document and section: RFC6819-4.1.1
	Text string `json:"text"` // in our words
	// Roles are of the operations that it is a threat to: a dialect without any of them has nothing to fear.
	Roles []Role `json:"roles"`
}

// Threats is the closed list that rows name threats from, in its order.
var Threats = sync.OnceValue(func() []Threat {
	var list struct {
		Threats []Threat `json:"threats"`
	}
	src, err := parseSource("specs/common/threats.yaml", threatList)
	if err == nil {
		err = src.decode(&list)
	}
	if err != nil {
		panic("specs: the embedded list of threats is broken: " + err.Error()) // a broken build, never input
	}
	return list.Threats
})

// Facing are the threats that the dialect's operations are open to.
func (d *Dialect) Facing() []Threat {
	return slices.DeleteFunc(slices.Clone(Threats()), func(t Threat) bool {
		return !slices.ContainsFunc(t.Roles, func(role Role) bool { return len(d.ByRole(role)) > 0 })
	})
}

// checkThreats wants the threats that rows name to be of the list.
func (b *builder) checkThreats() {
	for _, row := range slices.Concat(b.dialect.Requirements, b.dialect.ClientRows) {
		for _, id := range row.Threats {
			if !slices.ContainsFunc(Threats(), func(t Threat) bool { return t.ID == id }) {
				b.fail(row.At, fmt.Sprintf("%s names %q, which is no threat of the list", row.ID, id), "use one of "+threatIDs())
			}
		}
	}
}

func threatIDs() string {
	ids := make([]string, len(Threats()))
	for i, t := range Threats() {
		ids[i] = t.ID
	}
	return strings.Join(ids, ", ")
}
