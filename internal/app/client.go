package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/spell"
	"gonogo/reference/clients"
)

type clientFlags struct {
	clients.Options
	faults bool
}

func (a *App) clientCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "client [DIALECT]",
		Short: "Run a client of a documented API, a good or a broken one, to be watched",
		Long: `client calls the API that its environment names (GONOGO_BASE_URL, GONOGO_PRIMARY_CLIENT_ID, …) until it is ended: it logs in,
calls, refreshes, and does what its document asks of clients. With --fault it breaks one thing, so that you see what a
watch makes of it; --faults prints them.`,
		Example: `  gonogo watch DIALECT --run 'gonogo client DIALECT'
  gonogo watch DIALECT --run 'gonogo client DIALECT --fault keeps-first-refresh'
  gonogo client --faults`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				f.Dialect = args[0]
			}
			return a.client(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.Style, "style", "lazy", "how it goes about it: `STYLE` is "+strings.Join(clients.Styles(), ", ")+"; web or popup, with --page")
	closed(flags, "style", append(clients.Styles(), "web", "popup")...)
	flags.StringVar(&f.Page, "page", "", "`ADDRESS` at which its users find its page, /login: in the style web it sends them off by itself, in the style popup in a popup")
	flags.StringVar(&f.Fault, "fault", "", "be broken as fault `ID`, or its name")
	flags.BoolVar(&f.faults, "faults", false, "print the faults, of one dialect or of all, with the rows that they violate")
	flags.StringVar(&f.Store, "store", "", "`FILE` with its tokens, which outlives it; they are kept in memory otherwise")
	flags.DurationVar(&f.Pace, "pace", 200*time.Millisecond, "time from call to call")
	flags.IntVar(&f.Processes, "processes", 0, "be as `N` processes are that have nothing in common but the store; as the style has it, otherwise")
	return cmd
}

func (a *App) client(ctx context.Context, f clientFlags) error {
	if f.Dialect == "" && !f.faults {
		return usagef("name the dialect of the client: %s", spell.Join(clients.Dialects()))
	}
	if f.Dialect != "" && !slices.Contains(clients.Dialects(), f.Dialect) {
		return usagef("there is no client of %q; %s", f.Dialect, spell.Hint(f.Dialect, clients.Dialects(), "there is one of "))
	}
	faults := slices.DeleteFunc(clients.Faults(), func(fault clients.Fault) bool { return f.Dialect != "" && fault.Dialect != f.Dialect })
	if f.faults {
		return a.printFaults(faults)
	}
	known := append(clients.Styles(), clients.Sites(f.Dialect)...)
	switch {
	case !slices.Contains(known, f.Style):
		return usagef("--style %s: there is no such style; %s", f.Style, spell.Hint(f.Style, known, "it is one of "))
	case f.Pace <= 0:
		return usagef("--pace %s: some time goes from call to call", f.Pace)
	case f.Processes < 0:
		return usagef("--processes %d: there is at least one", f.Processes)
	}
	if f.Fault != "" {
		i := slices.IndexFunc(faults, func(fault clients.Fault) bool { return f.Fault == fault.Name || f.Fault == fault.ID() })
		if i < 0 {
			var names []string
			for _, fault := range faults {
				names = append(names, fault.Name)
			}
			return usagef("--fault %s: no client of %s has it; %s", f.Fault, f.Dialect, spell.Hint(f.Fault, names, "it is one of "))
		}
		f.Fault = faults[i].Name
	}
	if has := f.HasPage(); has != (f.Page != "") {
		if has {
			return usagef("name the address of the client's page, as in --page 127.0.0.1:3000")
		}
		return usagef("--page %s: only a client of the style web or popup has a page", f.Page)
	}
	if url, ok := a.env("GONOGO_BASE_URL"); !ok || url == "" {
		return usagef("GONOGO_BASE_URL is not set, so there is nothing to call: gonogo watch %s --run 'gonogo client %s' sets it", f.Dialect, f.Dialect)
	}
	f.Environment = a.env
	calls, vain, err := clients.Run(ctx, f.Options)
	if err != nil {
		return harnessError{fmt.Errorf("the client gave up after %d calls: %w", calls, err)}
	}
	return a.page(fmt.Sprintf("%d calls, %d in vain\n", calls, vain))
}

// printFaults writes a line for every fault: its id, which names its row.
func (a *App) printFaults(faults []clients.Fault) error {
	var out strings.Builder
	for _, fault := range faults {
		fmt.Fprintln(&out, fault.ID())
	}
	return a.page(out.String())
}
