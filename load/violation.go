package load

import "gonogo/reports"

// violation is a kind of answer that is a no-go at any speed.
type violation int

const (
	repeated       violation = iota // a token that must be new has been handed out before
	deadAccess                      // an access token does not work while it lives
	deadRefresh                     // a refresh token that nobody has used is refused
	replayed                        // a refresh token that was used works
	raceWon                         // of two refreshes that raced with one token, both won
	outlived                        // an access token works after its end
	falseSuccess                    // an error under the status of a success
	emptySuccess                    // a success without the tokens that it is about
	undocumented                    // a success that the document does not describe
	revived                         // an access token works after it was revoked
	revivedRefresh                  // a refresh token works after its session was revoked
	returned                        // a token works after it had ended: seen in a history
	older                           // an answer is older than one before it: likewise
	swapped                         // a client was handed another's token: likewise
	violations
)

var violationWords = [violations]string{
	repeated:       "a token was handed out twice",
	deadAccess:     "a live access token does not work",
	deadRefresh:    "a refresh token that was never used is refused",
	replayed:       "a refresh token that was used before works",
	raceWon:        "two refreshes that raced with one token both won",
	outlived:       "an access token works after its end",
	falseSuccess:   "an error is answered as a success",
	emptySuccess:   "a success lacks a token that it should carry",
	undocumented:   "a success is not what the document describes",
	revived:        "a revoked access token works",
	revivedRefresh: "the refresh token of a revoked session works",
	returned:       "a token works again that had ended",
	older:          "an answer about a token is older than one before it",
	swapped:        "a client was handed the token of another",
}

// finding is what was seen of a violation, in words for a report.
type finding struct {
	violation
	call        *call
	part        string // of the requests of an attack; empty: it is none of them
	why         string // what was special about the request; empty: nothing
	wanted, got string

	// Of a history that no order explains.
	row    string // empty: that of the kind
	events []reports.LoadEvent
}
