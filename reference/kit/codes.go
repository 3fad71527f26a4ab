package kit

// RedeemCode uses up the authorization code of a call, and returns what it stands for, if it lives and is the one that is
// meant. Whoever uses a code a second time may have stolen it, and so may whoever used it the first time (RFC 6749 4.1.2):
// reused hears of one that was spent before, also a moment before.
func RedeemCode[G any](s *Service, c *Call, codes *Store[G], meant func(G) bool, spend func(Key) (first bool), reused func(G)) (g G, redeemed bool) {
	k := KeyOf(c.Token)
	e, known := codes.Get(k)
	if !known || !meant(e.Value) {
		return g, false
	}
	alive := e.AliveAt(c.Now, s.CodeLeeway)
	if e.Spent || alive && !spend(k) {
		reused(e.Value)
		return g, false
	}
	return e.Value, alive
}
