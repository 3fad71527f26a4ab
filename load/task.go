package load

import "time"

// task is what a connection is at: the request that was filled last, and what its answer is to be held to.
type task struct {
	part   part
	call   *call
	fill   fill
	wanted wanted
	why    string // what is special about the request, for a finding
	twice  bool   // it was sent a second time, because no answer came to the first

	race    *race
	family  *family  // whose refresh token is spent, or whose access token is tried in a storm
	history *history // of whose tokens these are; nil: it is not followed
	storm   *storm   // nil: there is none
	phase   phase    // of the storm, when the request was filled

	// Of a request that somebody else sent.
	address string
	took    time.Duration
}

// wanted is what an answer is to be.
type wanted uint8

const (
	tokens    wanted = iota // new ones
	alive                   // yes, the token works
	dead                    // no, it does not work any more
	either                  // nobody knows which
	refused                 // no tokens for one that was used
	confirmed               // a success, whatever it says
	gone                    // no, its session was ended
	raced                   // at most one of two has tokens
	opponent                // likewise, for the connection that came second
)

// moved reports that the clock was moved while the request was under way, so that its answer may be from before or
// after.
func (t *task) moved() bool { return t.storm != nil && t.storm.phase.Load() != t.phase }

// certain reports whether a refusal of the family's token has no explanation but the target's fault.
func (t *task) certain() bool {
	return !t.twice && t.family != nil && !t.family.doubtful && (t.storm == nil || t.storm.outlives)
}
