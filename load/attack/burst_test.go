package attack

import "testing"

// On a machine that is busy all the time a few requests leave late in every tenth of a second, so that the whole run is a
// burst. Errors that come all at once are of it, and errors that are there at all times are not.
func TestErrorsOfABurstOnABusyMachine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		bad      func(i int) (bad, lateBad uint32)
		from, to int64
	}{
		{"all at once", func(i int) (uint32, uint32) {
			if i < 20 || i >= 30 {
				return 0, 0
			}
			return 11, 6 // of which five left when they were due
		}, 110, 110},
		{"at all times", func(int) (uint32, uint32) { return 2, 0 }, 0, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			watched := &collector{run: &run{}}
			for i := range 60 {
				one := tenth{sent: 30, late: 3}
				if i == 20 {
					one.sent, one.late = 240, 210
				}
				one.bad, one.lateBad = c.bad(i)
				watched.tenths = append(watched.tenths, one)
			}
			var errors int64
			for _, burst := range watched.bursts() {
				errors += burst.Errors
			}
			if errors < c.from || errors > c.to {
				t.Errorf("%d errors are put down to bursts", errors)
			}
		})
	}
}
