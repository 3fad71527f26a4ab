package load

import (
	"testing"
	"time"

	"gonogo/specs"
)

func TestWhatIsAskedForIsCheckedBeforeThereIsATarget(t *testing.T) {
	sound := Config{
		Scenario: "issue", Rate: 100, Duration: time.Second, Connections: 1, WorkingSet: 1, Pick: uniform, Level: specs.Standard,
	}
	if err := sound.Check(); err != nil {
		t.Errorf("a sound configuration: %v", err)
	}
	search := Search{Config: sound, Start: 100, Most: MostRate, Precision: "5%"}
	if err := search.Check(); err != nil {
		t.Errorf("a sound search: %v", err)
	}
	if (Config{}).Check() == nil || (Search{Config: sound}).Check() == nil {
		t.Error("what is missing is not said")
	}
	if run, err := Run(t.Context(), sound); err == nil || run != nil {
		t.Errorf("without a target there is %+v, %v", run, err)
	}
	if found, _, err := FindCapacity(t.Context(), search); err == nil || found != nil {
		t.Errorf("without a target there is %+v, %v", found, err)
	}
}
