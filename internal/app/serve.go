package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/embedded"
	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/reports/words"
	"gonogo/specs"
)

// serveFlags are the flags of serve, by their names.
type serveFlags struct {
	listen, www, control string
	defects, liberties   []string
	proxies              []string
	seedFile             string
	delay                time.Duration
	targets              string
	anyAddress           bool
	leashed              bool
}

// leashFlag has a server end with its standard input: that of one that another process started for itself.
const leashFlag = "end-with-stdin"

func (a *App) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve [DIALECT…]",
		Short: "Run the reference server, for tests only",
		Long: `serve runs the reference server that speaks the dialects as documented. It is for tests only: it keeps nothing, its
accounts are public, its clock can be moved, and it listens on this machine's loopback address.

A defect (--defect) breaks one requirement on purpose; a liberty (--liberty) is a legal behaviour where the documents are
silent. "gonogo serve --defect list" and "--liberty list" print them.`,
		Example: `  gonogo serve --listen 127.0.0.1:8080 --targets targets
  gonogo check --target targets/DIALECT.yaml          in another terminal
  gonogo serve --defect list`,
		RunE: func(cmd *cobra.Command, dialects []string) error { return a.serve(cmd.Context(), dialects, f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "`ADDR` of the API; port 0 chooses a free one")
	flags.StringVar(&f.www, "www", "", "`ADDR` of the pages for people, if they are to be on a host of their own")
	flags.StringVar(&f.control, "control", "127.0.0.1:0", "`ADDR` of the control API, or off")
	flags.StringArrayVar(&f.defects, "defect", nil, "misbehave as defect `ID`; may be given several times; list prints them")
	flags.StringArrayVar(&f.liberties, "liberty", nil, "take liberty `ID`; may be given several times; list prints them")
	flags.StringArrayVar(&f.proxies, "trusted-proxy", nil, "believe the proxies of `CIDR` whom they speak for; may be given several times")
	flags.StringVar(&f.seedFile, "seed-file", "", "YAML `FILE` with accounts of your own")
	flags.DurationVar(&f.delay, "delay", 0, "hold every API answer back for `D`")
	flags.StringVar(&f.targets, "targets", "", "write a target file for each dialect into `DIR`, for check --target")
	flags.BoolVar(&f.anyAddress, "expose", false, "allow --listen on an address that others can reach; the accounts are public")
	flags.BoolVar(&f.leashed, leashFlag, false, "end when standard input does")
	_ = flags.MarkHidden(leashFlag)
	return cmd
}

func (a *App) serve(ctx context.Context, dialects []string, f serveFlags) error {
	if err := allServed(dialects); err != nil {
		return err
	}
	switch {
	case slices.Contains(f.defects, "list"):
		return a.printQuirks(reference.Defects(), dialects)
	case slices.Contains(f.liberties, "list"):
		return a.printQuirks(reference.Liberties(), dialects)
	}
	if f.targets != "" && !isDirectory(f.targets) {
		if err := os.MkdirAll(f.targets, 0o755); err != nil {
			return usagef("--targets %s: %w", f.targets, err)
		}
	}
	a.collectSeldom()
	server, err := reference.Start(ctx, reference.Config{
		Dialects: dialects, Listen: f.listen, WWW: f.www, Control: f.control, Defects: f.defects, Liberties: f.liberties,
		SeedFile: f.seedFile, Delay: f.delay, Log: a.folding(a.stderr), TrustedProxies: f.proxies, ExposeAnyAddress: f.anyAddress,
	})
	if err != nil {
		return serveError(err)
	}
	defer func() {
		// as long as a client may take to read an answer; then what is left is cut off
		ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ending)
	}()
	if err := a.announce(server, dialects, f); err != nil {
		return err
	}
	if f.leashed {
		var end context.CancelFunc
		ctx, end = context.WithCancel(ctx)
		go func() {
			_, _ = io.Copy(io.Discard, a.stdin)
			end()
		}()
	}
	<-ctx.Done()
	return nil
}

// serveError tells what was asked for wrongly from what this machine did not grant, and speaks of flags.
func serveError(err error) error {
	var network *net.OpError
	var refused syscall.Errno
	if errors.As(err, &network) && errors.As(err, &refused) {
		return harnessError{err}
	}
	return usagef("%s", strings.NewReplacer("that needs ExposeAnyAddress", "it takes --expose", "the trusted proxy", "--trusted-proxy").Replace(err.Error()))
}

// schemaFile stands beside the target files that the server writes, for editors.
const schemaFile = "target.schema.json"

// announce says on standard output where the server is and with which accounts it is tried.
func (a *App) announce(server *reference.Server, dialects []string, f serveFlags) error {
	if len(dialects) == 0 {
		dialects = reference.Dialects()
	}
	var out strings.Builder
	fmt.Fprintf(&out, "start    %s  what is here, for a browser\n", server.StartPageURL())
	fmt.Fprintf(&out, "api      %s\n", server.URL())
	if server.WWWURL() != server.URL() {
		fmt.Fprintf(&out, "pages    %s\n", server.WWWURL())
	}
	if server.ControlURL() != "" {
		fmt.Fprintf(&out, "control  %s\n", server.ControlURL())
	}
	if exposed := server.Exposed(); len(exposed) > 0 {
		fmt.Fprintf(&out, "exposed  %s\nWARNING: whoever reaches these addresses can sign in, for the accounts are public. Keep nothing here, and end it soon.\n", strings.Join(exposed, ", "))
	}
	if f.targets != "" {
		if err := os.WriteFile(filepath.Join(f.targets, schemaFile), target.Schema, 0o600); err != nil {
			return harnessError{err}
		}
	}
	accounts := server.Accounts()
	for _, id := range dialects {
		fmt.Fprintf(&out, "\n%s\n", id)
		for _, c := range accounts.Clients {
			if c.Dialect == id && c.Role != "" {
				fmt.Fprintf(&out, "  %-8s id %s  secret %s", c.Role, c.ID, c.Secret)
				if c.RedirectURI != "" {
					fmt.Fprintf(&out, "  redirect URI %s", c.RedirectURI)
				}
				fmt.Fprintln(&out)
			}
		}
		for _, u := range accounts.Users {
			if u.Dialect == id && u.Role != "" {
				fmt.Fprintf(&out, "  %-8s name %s  password %s", u.Role, u.Username, u.Password)
				if len(u.Allow) > 0 {
					fmt.Fprintf(&out, "  from %s", strings.Join(u.Allow, ", "))
				}
				fmt.Fprintln(&out)
			}
		}
		if f.targets == "" {
			continue
		}
		d, err := specs.Load(id)
		if err != nil {
			return harnessError{err}
		}
		file := filepath.Join(f.targets, id+".yaml")
		text := "# yaml-language-server: $schema=" + schemaFile + "\n" + embedded.TargetFile(server, d).YAML()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return harnessError{err}
		}
		fmt.Fprintf(&out, "  %s\n", words.Command("gonogo", "check", "--target", file))
	}
	fmt.Fprint(&out, "\nTEST ONLY. Ctrl-C ends it.\n")
	return a.page(out.String())
}

func (a *App) printQuirks(quirks []reference.Quirk, dialects []string) error {
	for _, q := range quirks {
		if len(dialects) > 0 && !slices.Contains(dialects, q.Dialect) {
			continue
		}
		if err := a.page(fmt.Sprintf("%-44s %-14s %s\n", q.ID, q.Requirement, q.Text)); err != nil {
			return err
		}
	}
	return nil
}
