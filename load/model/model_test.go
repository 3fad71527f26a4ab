package model_test

import (
	"slices"
	"testing"
	"time"

	"gonogo/load/model"
)

// at is an event that takes from one moment to another.
func at(from, to int64, act model.Act, token, door int) model.Event {
	return model.Event{Act: act, Token: token, Door: door, From: from, To: to}
}

func left(from, to int64, said int) model.Event {
	return model.Event{Act: model.Worked, Door: model.Validate, Left: said, From: from, To: to}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		history []model.Event
		want    []int // that contradict each other; nil: there is an order
	}{
		{"nothing", nil, nil},
		{"works and is refused", []model.Event{at(0, 1, model.Worked, 0, model.Use), at(2, 3, model.Refused, 0, model.Use)}, nil},
		{"comes back", []model.Event{at(0, 1, model.Worked, 0, model.Use), at(2, 3, model.Refused, 0, model.Use), at(4, 5, model.Worked, 0, model.Use)}, []int{1, 2}},
		{"is refused meanwhile", []model.Event{at(2, 5, model.Refused, 0, model.Use), at(4, 6, model.Worked, 0, model.Use)}, nil},
		{"touches, which is meanwhile", []model.Event{at(2, 4, model.Refused, 0, model.Use), at(4, 6, model.Worked, 0, model.Use)}, nil},
		{"another comes", []model.Event{at(2, 3, model.Refused, 0, model.Use), at(4, 5, model.Worked, 1, model.Use)}, nil},
		{"opens one door and not the other", []model.Event{at(2, 3, model.Refused, 0, model.Validate), at(4, 5, model.Worked, 0, model.Use)}, nil},
		{"ended at every door", []model.Event{at(2, 3, model.Ended, 0, model.Use), at(4, 5, model.Worked, 0, model.Validate)}, []int{0, 1}},
		{"an access token's end is no refresh token's", []model.Event{at(2, 3, model.Ended, 0, model.Use), at(4, 5, model.Worked, 0, model.Renew)}, nil},
		{"is replaced twice", []model.Event{at(0, 9, model.Replaced, 0, model.Renew), at(1, 8, model.Replaced, 0, model.Renew)}, []int{0, 1}},
		{"is replaced, refused, and replaced: the refusal is not needed", []model.Event{
			at(0, 1, model.Replaced, 0, model.Renew), at(2, 3, model.Refused, 0, model.Renew), at(4, 5, model.Replaced, 0, model.Renew), at(6, 7, model.Replaced, 0, model.Renew),
		}, []int{0, 2}},
		{"only some order is one", []model.Event{
			at(0, 9, model.Replaced, 0, model.Renew), at(1, 2, model.Worked, 0, model.Renew), at(3, 4, model.Refused, 0, model.Renew),
		}, nil},
		{"less and less is left", []model.Event{left(0, 1, 60), left(2, 3, 59), left(4, 5, 60)}, nil},
		{"more is left than was", []model.Event{left(0, 1, 60), left(2, 3, 55), left(4, 5, 60)}, []int{1, 2}},
		{"more is left meanwhile", []model.Event{left(0, 1, 60), left(2, 4, 55), left(3, 5, 60)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			against, v := model.Check(c.history, 2, time.Now().Add(time.Minute))
			if !slices.Equal(against, c.want) || (v == model.Contradicted) != (len(c.want) > 0) || v == model.Unknown {
				t.Errorf("it is %d by %v, not %v", v, against, c.want)
			}
		})
	}
}

func TestCheckThatRunsOutOfTimeSaysSo(t *testing.T) {
	t.Parallel()
	history := []model.Event{at(2, 3, model.Refused, 0, model.Use), at(4, 5, model.Worked, 0, model.Use)}
	if against, v := model.Check(history, 0, time.Now()); v != model.Unknown || against != nil {
		t.Errorf("without any time it is %d by %v", v, against)
	}
}
