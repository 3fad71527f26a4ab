package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// fast is a server that is faster than the generators: a loop over sockets that knows as much HTTP/1.1 as they send. It
// answers like an issue of kitchenhub, with tokens that never repeat, so that a generator that judges its answers finds
// nothing wrong; and to a path with "validate" in it, like a validate of a live token.
type fast struct {
	first    atomic.Int64            // Unix nanoseconds of the first request since the count began
	answered [mostSlots]atomic.Int64 // by time since then
	serial   atomic.Uint64
	stall    time.Duration // it stops for so long …
	every    time.Duration // … in each of these spans, in their middle
	arrivals *arrivals     // nil: not noted
}

// slot is what a count is cut into, so that what a generator sends before it begins in earnest can be left out.
const (
	slot      = 100 * time.Millisecond
	mostSlots = 1200 // two minutes
)

// tally is what a server counted: generators are compared by it, and not by what each calls a request or a second.
type tally struct {
	first time.Time
	slots []int64
}

func (t tally) answered() (sum int64) {
	for _, n := range t.slots {
		sum += n
	}
	return sum
}

// rate is that of the busy stretch: from the first slot that had a tenth of the fullest one's requests to the last
// such, without these two, of which the generator may have used a part only.
func (t tally) rate() float64 {
	begin, end := 0, len(t.slots)
	for begin < end && t.slots[begin] < slices.Max(t.slots)/10 {
		begin++
	}
	for end > begin && t.slots[end-1] < slices.Max(t.slots)/10 {
		end--
	}
	if end-begin < 3 {
		return 0
	}
	busy := tally{slots: t.slots[begin+1 : end-1]}
	return float64(busy.answered()) / (time.Duration(len(busy.slots)) * slot).Seconds()
}

// serveFast is the role "fast". It prints where it listens; then each line on its standard input asks for the count
// and begins a new one, or asks for the arrivals and forgets them. The input's end is its end, so that it cannot outlive who started it.
func serveFast(args []string, in io.Reader, out io.Writer) error {
	f := &fast{}
	flags := flag.NewFlagSet("fast", flag.ContinueOnError)
	flags.DurationVar(&f.stall, "stall", 0, "stop for so long")
	flags.DurationVar(&f.every, "every", 5*time.Second, "in each of these spans")
	most := flags.Int("arrivals", 0, "note the moments at which so many requests arrive")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *most > 0 {
		f.arrivals = &arrivals{at: make([]int64, 0, *most)}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	var closing atomic.Bool
	go func() { ended <- f.serve(listener.(*net.TCPListener), &closing) }()
	defer func() {
		closing.Store(true)
		_ = listener.Close()
		<-ended
	}()
	fmt.Fprintf(out, "listening http://%s\n", listener.Addr())
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if lines.Text() != askArrivals {
			fmt.Fprintln(out, f.count())
		} else if err := f.arrivals.print(out); err != nil {
			return err
		}
	}
	return nil
}

// count is the first request's time and the slots that were used; it begins a new count.
func (f *fast) count() string {
	first := f.first.Swap(0)
	text, used := strconv.FormatInt(first, 10), len(strconv.FormatInt(first, 10))
	for i := range f.answered {
		n := f.answered[i].Swap(0)
		text += " " + strconv.FormatInt(n, 10)
		if n > 0 {
			used = len(text)
		}
	}
	return text[:used]
}

// tally asks the server for its count and begins a new one.
func (p *process) tally() (tally, error) {
	if _, err := io.WriteString(p.in, "\n"); err != nil {
		return tally{}, err
	}
	if !p.out.Scan() {
		return tally{}, errors.New("the fast server is gone")
	}
	var t tally
	for i, text := range strings.Fields(p.out.Text()) {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			return tally{}, fmt.Errorf("the fast server's count: %w", err)
		case i == 0:
			t.first = time.Unix(0, n)
		default:
			t.slots = append(t.slots, n)
		}
	}
	return t, nil
}

// What is sent. The zeros at issueAccess and issueRefresh give way to a number.
const (
	issueBody = `{"access_token":"abcdefghijklmnopqrstuvwxyzA0000000000000000",` +
		`"refresh_token":"abcdefghijklmnopqrstuvwxyzR0000000000000000","access_token_expire":60,"refresh_token_expire":1440}`
	validateBody = `{"valid":true,"expires_in":60}`
	fastHead     = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nPragma: no-cache\r\nContent-Length: "
)

// fastAnswer is a whole answer with this body.
func fastAnswer(body string) []byte {
	return []byte(fastHead + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// writeSerial writes n into the zeros behind a mark.
func writeSerial(answer []byte, at int, n uint64) {
	const digits = "0123456789abcdef"
	for i := at + 15; i >= at; i-- {
		answer[i] = digits[n&15]
		n >>= 4
	}
}

// visitor is a connection as far as its bytes go.
type visitor struct {
	in              []byte // what was read and not yet answered is its first filled bytes
	filled          int
	out             []byte
	issue, validate []byte
	access, refresh int // where the serials stand in issue
}

func newVisitor() *visitor {
	v := &visitor{in: make([]byte, 16<<10), issue: fastAnswer(issueBody), validate: fastAnswer(validateBody)}
	v.access, v.refresh = bytes.Index(v.issue, []byte("zA0"))+2, bytes.Index(v.issue, []byte("zR0"))+2
	return v
}

// answer writes the answers to the requests that were read wholly. It is false for what is no request.
func (f *fast) answer(v *visitor) bool {
	v.out = v.out[:0]
	rest, count, beside := v.in[:v.filled], int64(0), int64(0)
	for {
		size, isValidate, err := requestSize(rest)
		if err != nil {
			return false
		}
		if size == 0 || size > len(rest) {
			break
		}
		rest = rest[size:]
		count++
		if isValidate {
			v.out = append(v.out, v.validate...)
			beside++ // gonogo load tries a token now and then, at no time that was asked for
			continue
		}
		serial := f.serial.Add(1)
		writeSerial(v.issue, v.access, serial)
		writeSerial(v.issue, v.refresh, serial)
		v.out = append(v.out, v.issue...)
	}
	v.filled = copy(v.in, rest)
	if count > 0 {
		now := time.Now().UnixNano()
		f.first.CompareAndSwap(0, now)
		if f.arrivals != nil {
			f.arrivals.note(now, count-beside)
		}
		since := time.Duration(now - f.first.Load())
		if f.stall > 0 {
			f.pause(since)
		}
		f.answered[min(max(since/slot, 0), mostSlots-1)].Add(count)
	}
	return v.filled < len(v.in) // or it is longer than what any generator sends
}

// pause holds an answer back while the server is to stand still: every connection's, as when a process is stopped.
func (f *fast) pause(since time.Duration) {
	phase := since % f.every
	if begin := (f.every - f.stall) / 2; phase >= begin && phase < begin+f.stall {
		time.Sleep(begin + f.stall - phase)
	}
}

var errNoRequest = errors.New("that is no HTTP/1.1 request with a Content-Length")

// requestSize is how many bytes the first request has, 0 while its end is not there.
func requestSize(b []byte) (size int, isValidate bool, err error) {
	head := bytes.Index(b, []byte("\r\n\r\n"))
	if head < 0 {
		return 0, false, nil
	}
	line, rest, _ := bytes.Cut(b[:head], []byte("\r\n"))
	if !bytes.HasSuffix(line, []byte(" HTTP/1.1")) {
		return 0, false, errNoRequest
	}
	const name = "content-length:"
	for len(rest) > 0 {
		var header []byte
		header, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if len(header) > len(name) && header[0]|0x20 == 'c' && bytes.EqualFold(header[:len(name)], []byte(name)) {
			if size, err = strconv.Atoi(string(bytes.TrimSpace(header[len(name):]))); err != nil || size < 0 {
				return 0, false, errNoRequest
			}
		}
	}
	return head + 4 + size, bytes.Contains(line, []byte("validate")), nil
}
