package suites_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"

	"gonogo/internal/embedded"
	"gonogo/reference"
	"gonogo/specs"
	"gonogo/suites"
)

// targetVariable names the target files to check instead of the embedded reference server.
const targetVariable = "GONOGO_TARGET"

// clientVariable is a command: the client of the first of these targets is watched, instead of the targets checked.
const clientVariable = "GONOGO_CLIENT"

// TestMain leaves out the harness's own tests where somebody asks about a target, or speaks to Ginkgo: these
// tests would only stand in the way, once for each process of a parallel run.
func TestMain(m *testing.M) {
	besides()
	flag.Parse()
	asked := os.Getenv(targetVariable) != ""
	chosen := false
	flag.Visit(func(f *flag.Flag) {
		asked = asked || strings.HasPrefix(f.Name, "ginkgo.")
		chosen = chosen || f.Name == "test.run"
	})
	if asked && !chosen {
		_ = flag.Set("test.run", "^TestSuites$")
	}
	os.Exit(m.Run())
}

// besides applies -parallel and takes it from the command line. It is for the harness's own tests, which wait beside one
// another, and Ginkgo ends a process that it finds it in, lest somebody believe that it makes specs parallel. Where
// somebody asks about a target or speaks to Ginkgo, it may.
func besides() {
	if os.Getenv(targetVariable) != "" || slices.ContainsFunc(os.Args, func(arg string) bool { return strings.HasPrefix(strings.TrimLeft(arg, "-"), "ginkgo.") }) {
		return
	}
	os.Args = slices.DeleteFunc(os.Args, func(arg string) bool {
		number, is := strings.CutPrefix(strings.TrimLeft(arg, "-"), "test.parallel=")
		return is && flag.Lookup("test.parallel").Value.Set(number) == nil // flag.Set would leave a mark that Ginkgo sees
	})
}

// TestSuites checks the embedded reference server, every dialect that it speaks, or the targets that the
// environment names.
func TestSuites(t *testing.T) {
	if list := os.Getenv(targetVariable); list != "" {
		files := targetFiles(list)
		if len(files) == 0 {
			t.Fatalf("%s=%s names no target file", targetVariable, list)
		}
		var targets []suites.Target
		for _, file := range files {
			targets = append(targets, suites.FromFile(file))
		}
		if command := os.Getenv(clientVariable); command != "" {
			suites.DescribeClient(suites.Client{Target: targets[0], Command: command})
		} else {
			suites.Describe(targets...)
		}
	} else {
		describeEmbedded()
	}
	RunSpecs(t, "gonogo")
}

// describeEmbedded starts a server for each dialect of which something runs.
func describeEmbedded() {
	var stops []func()
	for _, dialect := range specs.Builtin() {
		if !slices.Contains(reference.Dialects(), dialect) {
			continue
		}
		suites.Describe(suites.Later(func() suites.Target {
			document, err := specs.Load(dialect)
			if err != nil {
				AbortSuite(err.Error())
			}
			server, err := embedded.Start(context.Background(), document, nil, nil)
			if err != nil {
				AbortSuite(err.Error())
			}
			stops = append(stops, server.Stop)
			return suites.FromYAML(server.YAML())
		}, dialect))
	}
	AfterSuite(func() {
		for _, stop := range stops {
			stop()
		}
	})
}

// targetFiles are those of a list as PATH is one. Go runs tests in the folder of their package, and people
// write paths from where they stand: mostly the root of the module.
func targetFiles(list string) []string {
	var files []string
	for _, file := range filepath.SplitList(list) {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil && !filepath.IsAbs(file) {
			fromRoot := filepath.Join("..", file)
			if _, err := os.Stat(fromRoot); err == nil {
				file = fromRoot
			}
		}
		files = append(files, file)
	}
	return files
}
