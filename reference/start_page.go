package reference

import (
	"slices"
	"time"

	"gonogo/reference/kit"
)

// startView is what the start page shows.
type startView struct {
	frame
	Dialects []dialectView
	Quirks   []Quirk
	API      string
	WWW      string // "" unless it is another listener
	Control  string // "" when it is off
	Now      string
	Offset   time.Duration
	Delay    time.Duration
	SeedFile bool
}

type dialectView struct {
	ID, Title string
	Endpoints []endpoint
	Document  string // "" without one
	Console   string
	Clients   []clientView
	Users     []User
}

type clientView struct {
	Client
	Regenerated bool // the secret that the server started with is not the present one
}

// startPage says what is here.
func (s *Server) startPage(c *kit.Call) kit.Answer {
	v := startView{
		frame: s.frame("Start", startPath),
		API:   s.addressOf(s.api, c.Request), Control: s.ControlURL(),
		Now: c.Now.UTC().Format("2006-01-02 15:04:05 MST"), Offset: s.host.Clock.Offset(), Delay: s.config.Delay,
		SeedFile: s.config.SeedFile != "", Quirks: s.quirks,
	}
	if s.www != nil {
		v.WWW = s.addressOf(s.www, c.Request)
	}
	for _, dialect := range s.config.Dialects {
		v.Dialects = append(v.Dialects, s.dialectView(dialect))
	}
	return sitePage("start", sitePolicy, v)
}

func (s *Server) dialectView(id string) dialectView {
	v := dialectView{ID: id, Title: line(section(documents()[id], "info"), "title")}
	if documents()[id] != nil {
		v.Endpoints, v.Document, v.Console = s.endpoints(id), docsPath+id+".json", consoleOf(id)
	}
	for _, seed := range s.host.Seeded.Clients {
		if seed.Dialect == id {
			v.Clients = append(v.Clients, s.clientView(seed))
		}
	}
	v.Users = slices.DeleteFunc(slices.Clone(s.host.Seeded.Users), func(u User) bool { return u.Dialect != id })
	return v
}

// clientView is a seed client as it was at the start: a secret that was
// regenerated since is known to whoever regenerated it.
func (s *Server) clientView(seed Client) clientView {
	now := s.host.Accounts.Client(seed.Dialect, seed.ID)
	return clientView{seed, now == nil || now.Secret != seed.Secret}
}
