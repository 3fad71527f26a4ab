package chromium

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Variable names the program, for browsers that stand under another name or in no folder of PATH.
const Variable = "CHROME_BIN"

// names are what the program is called: Debian's and Alpine's, Ubuntu's, Google's.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// find looks for Chromium in the given environment. The error is a phrase that says what is missing and how to
// mend it.
func find(env func(string) (string, bool)) (path string, err error) {
	if named, set := env(Variable); set && named != "" {
		if !strings.ContainsRune(named, filepath.Separator) {
			if path := search(env, named); path != "" {
				return path, nil
			}
		} else if runs(named) {
			return named, nil
		}
		return "", fmt.Errorf("%s names %s, which is no program here (correct it, or unset it to have Chromium looked for)", Variable, named)
	}
	for _, name := range names {
		if path := search(env, name); path != "" {
			return path, nil
		}
	}
	if runtime.GOOS == "darwin" {
		for _, path := range []string{"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
			if runs(path) {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("there is no Chromium here (install it, on Debian apt-get install chromium, or name its program in %s)", Variable)
}

// search looks through PATH as given, which need not be this process's.
func search(env func(string) (string, bool), name string) string {
	folders, set := env("PATH")
	if !set {
		return ""
	}
	for _, folder := range filepath.SplitList(folders) {
		if path := filepath.Join(folder, name); filepath.IsAbs(folder) && runs(path) {
			return path
		}
	}
	return ""
}

func runs(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
