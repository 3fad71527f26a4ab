package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// recorded is an answer that a handler moves without having to think of it.
type recorded struct {
	Status int
	Header http.Header
	Body   string
}

// serveBare is the role "bare": a net/http server with one handler that reads the request's body and writes the
// recorded answer. What the reference server costs more than this is its own; what both cost is net/http's.
func serveBare(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("bare", flag.ContinueOnError)
	file := flags.String("answer", "", "file of the recorded answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	content, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	var answer recorded
	if err := json.Unmarshal(content, &answer); err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// The limits are there because the reference server has them: each costs a deadline per request.
	server := &http.Server{Handler: bareHandler(answer),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute}
	go func() { _ = server.Serve(listener) }()
	fmt.Fprintf(out, "listening http://%s\n", listener.Addr())
	for lines := bufio.NewScanner(in); lines.Scan(); {
	}
	return server.Close()
}

func bareHandler(answer recorded) http.Handler {
	body := []byte(answer.Body)
	buffers := sync.Pool{New: func() any { b := make([]byte, 4096); return &b }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		buffer := buffers.Get().(*[]byte)
		defer buffers.Put(buffer)
		for {
			if _, err := r.Body.Read(*buffer); err != nil {
				break
			}
		}
		header := w.Header()
		for name, values := range answer.Header {
			header[name] = values
		}
		w.WriteHeader(answer.Status)
		_, _ = w.Write(body)
	})
}
