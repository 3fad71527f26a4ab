package load

import "gonogo/reports"

// Unsent is a run that ended before anything was sent, and why, a sentence each. The error is about the configuration.
func Unsent(c Config, why ...string) (*reports.LoadRun, error) {
	asked, err := c.read()
	if err != nil {
		return nil, err
	}
	r, err := open(asked, 0)
	if err != nil {
		return nil, err
	}
	defer r.account.connection.Close()
	return r.conclude(asked.shape, measured{because: why}), nil
}

// FallShort says of a run that is concluded what else it was not that it was asked to be, a sentence each.
func FallShort(out *reports.LoadRun, why ...string) {
	if len(why) == 0 {
		return
	}
	out.Shortfalls, out.Because = append(out.Shortfalls, why...), append(out.Because, why...)
	out.Complete = false
	if out.Verdict == reports.Go {
		out.Verdict = reports.Incomplete
	}
}
