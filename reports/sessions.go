package reports

// LoadSession is what was asked of each session of a load run.
type LoadSession struct {
	Refreshes  int    `json:"refreshes"`
	PeriodMS   int64  `json:"period_ms"`
	Uses       int    `json:"uses"`   // in each period
	Think      string `json:"think"`  // before each use: 500ms, or 200ms-2s
	Logout     string `json:"logout"` // the share that was to log out: 30%
	Population int    `json:"population"`
}

// LoadSessions is what became of the sessions of a load run that began in it, the warm-up not included.
type LoadSessions struct {
	Steps []string `json:"steps"` // kinds of requests that a session had here: issue, use, refresh, logout

	Begun    int64 `json:"begun"`
	Whole    int64 `json:"whole"`    // every answer was as it should be, to the last
	Broken   int64 `json:"broken"`   // one was not; a session goes on after that if it still has a token
	Open     int64 `json:"open"`     // under way when the run ended
	Crowded  int64 `json:"crowded"`  // did not begin, because as many were under way as may be
	Foregone int64 `json:"foregone"` // requests that were never answered: their session had broken, or the run was over

	BrokeAt []LoadCount `json:"broke_at,omitempty"` // by the kind of request whose answer was the first that was wrong

	Refreshes  int64        `json:"refreshes"` // of those that ended, whole or broken, each of which logged in once
	MostAtOnce int64        `json:"most_at_once"`
	Length     Distribution `json:"length"` // of those that ended whole, from when the login was due to the last answer
}

// PerLogin is how many refreshes there were for each login.
func (s *LoadSessions) PerLogin() float64 {
	return float64(s.Refreshes) / float64(max(s.Whole+s.Broken, 1))
}
