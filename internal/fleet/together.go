package fleet

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// A Generator is how its part of the run agrees with the others: load.Together.

// Once is what the first generator that asks makes of a name.
func (g *Generator) Once(ctx context.Context, name string, make func() ([]byte, error)) ([]byte, error) {
	var r reply
	if err := g.ask(ctx, onceVerb, point{Name: name}, &r); err != nil || !r.Make {
		return r.Text, err
	}
	text, err := make()
	made := point{Name: name, Text: text}
	if err != nil {
		made.Why = err.Error()
	}
	if lost := g.publish(madeVerb, encoded(made)); err == nil {
		err = lost
	}
	return text, err
}

// Signal says that this generator has come to a point.
func (g *Generator) Signal(_ context.Context, name string) error {
	return g.publish(signalVerb, encoded(point{Name: name}))
}

// Wait waits until n generators have come to a point. It is an error if one was lost on the way there.
func (g *Generator) Wait(ctx context.Context, name string, n int) error {
	return g.ask(ctx, waitVerb, point{Name: name, N: n}, nil)
}

// Now is the lead's clock, as far as this generator can tell.
func (g *Generator) Now() time.Time { return g.clock.now() }

// Send hands bytes to another generator.
func (g *Generator) Send(to int, kind string, data []byte) error {
	return g.conn.Publish(toOne+strconv.Itoa(to)+"."+kind, data)
}

// boxSize is how many messages of a kind wait for a generator that does not look.
const boxSize = 1 << 12

// Receive are the messages that came for this generator, of a kind.
func (g *Generator) Receive(kind string) <-chan []byte { return g.box(kind) }

func (g *Generator) box(kind string) chan []byte {
	g.mail.Lock()
	defer g.mail.Unlock()
	if g.boxes[kind] == nil {
		g.boxes[kind] = make(chan []byte, boxSize)
	}
	return g.boxes[kind]
}

// receive puts a message where it is looked for. What there is no room for is counted: it will be said.
func (g *Generator) receive(m *nats.Msg) {
	kind := strings.TrimPrefix(m.Subject, toOne+strconv.Itoa(g.Index)+".")
	select {
	case g.box(kind) <- m.Data:
	default:
		g.mail.Lock()
		g.dropped++
		g.mail.Unlock()
	}
}

// lost is how many messages of others there was no room for.
func (g *Generator) lost() int {
	g.mail.Lock()
	defer g.mail.Unlock()
	return g.dropped
}
