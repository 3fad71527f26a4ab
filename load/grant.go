package load

import (
	"time"

	"gonogo/internal/client"
)

// grant is what was handed out beside the load.
type grant struct {
	*client.Reply
	access, refresh string
	ends            time.Time     // of the access token, by our clock; zero: nobody says
	life            time.Duration // of the access token; 0: nobody says
}

// held are the tokens as arguments of a request.
func (g *grant) held() map[string]string {
	return map[string]string{client.Access: g.access, client.Refresh: g.refresh}
}

func (g *grant) token() *liveToken { return &liveToken{[]byte(g.access), g.ends} }

func (g *grant) family() *family {
	return &family{access: []byte(g.access), refresh: []byte(g.refresh)}
}
