// Command serve runs sorrel until its standard input ends.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"gonogo/testdata/peers/sorrel"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "a loopback `ADDRESS`")
	flag.Parse()
	if err := serve(*listen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(listen string) error {
	server, err := sorrel.Start(listen)
	if err != nil {
		return err
	}
	fmt.Println("ready", server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return server.Close()
}
