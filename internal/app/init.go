package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/reports/words"
	"gonogo/specs"
)

func (a *App) initCommand() *cobra.Command {
	var from, out string
	cmd := &cobra.Command{
		Use:   "init DIALECT|ISSUER-URL",
		Short: "Write a target file to begin with, or a document",
		Long: `init writes a commented target file: of a dialect, with everything that its document leaves to a target, or of an issuer of
OAuth 2.0, with what its metadata say. Secrets stand in it as variables of the environment.

With --from it reads an OpenAPI document and writes it anew with x-gonogo where the roles of operations can be guessed, commented:
the beginning of a dialect of your own (docs/documents.md).

It goes to standard output, or to a file that is not there yet.`,
		Example: `  gonogo init DIALECT > target.yaml
  gonogo init https://login.example.com -o target.yaml
  gonogo init --from openapi.yaml -o mine.yaml && gonogo spec lint mine.yaml && gonogo init mine.yaml -o target.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := a.initText(cmd.Context(), args, from)
			if err == nil {
				err = a.initWrite(text, out)
			}
			if err == nil && out != "" && from == "" {
				_, err = fmt.Fprintf(a.stdout, "%s is written. Read it, set the variables that it names, and then: %s\n", out, words.Command("gonogo", "doctor", out))
			}
			return err
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "write a document of your own, from the OpenAPI document in `FILE`")
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to `FILE`, which must not be there yet")
	return cmd
}

// initText is what init writes.
func (a *App) initText(ctx context.Context, args []string, from string) (string, error) {
	switch {
	case from != "" && len(args) == 0:
		return documentFrom(from)
	case from != "" || len(args) != 1:
		return "", usagef("say what to begin with: one of %s, a document, the address of an issuer, or --from an OpenAPI document", strings.Join(specs.Builtin(), ", "))
	case isIssuer(args[0]):
		found, d, err := discovered(ctx, nil, args[0])
		if err != nil {
			return "", err
		}
		return draftOf(d, found).text(), nil
	}
	d, err := specs.Load(args[0])
	if err != nil {
		return "", usageError{err}
	}
	return draftOf(d, nil).text(), nil
}

// initWrite writes to a file that is not there, or to standard output.
func (a *App) initWrite(text, out string) error {
	if out == "" {
		_, err := io.WriteString(a.stdout, text)
		return err
	}
	file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usagef("%s is there already, and stays as it is; name another file with -o", out)
	case err != nil:
		return usagef("-o %s: %w", out, cause(err))
	}
	_, err = io.WriteString(file, text)
	if err = errors.Join(err, file.Close()); err != nil {
		return harnessError{fmt.Errorf("%s cannot be written: %w", out, err)}
	}
	return nil
}

// quotedYAML is a text as a value of YAML that means the text, and nothing else.
func quotedYAML(text string) string {
	return "'" + strings.ReplaceAll(words.Plain(text), "'", "''") + "'"
}

// variable is how a target file takes a value from the environment.
func variable(parts ...string) string {
	return `"${` + strings.ToUpper(strings.ReplaceAll(strings.Join(parts, "_"), "-", "_")) + `}"`
}

// oneLine is a title, for a comment.
func oneLine(text string) string {
	return cmp.Or(strings.Join(strings.Fields(words.Plain(text)), " "), "no title")
}
