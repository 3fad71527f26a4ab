package chromium

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Variable names the program, for browsers that stand under another name or in no folder of PATH.
const Variable = "CHROME_BIN"

// names are what the program is called: Debian's and Alpine's, Ubuntu's, Google's, and where it is on a Mac.
var names = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
	"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// find looks for Chromium in the given environment. The error is a phrase that says what is missing and how to
// mend it.
func find(env func(string) (string, bool)) (path string, err error) {
	if named, _ := env(Variable); named != "" {
		if path := search(env, named); path != "" {
			return path, nil
		}
		return "", fmt.Errorf("%s names %s, which is no program here (correct it, or unset it to have Chromium looked for)", Variable, named)
	}
	for _, name := range names {
		if path := search(env, name); path != "" {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no Chromium here (install it, on Debian apt-get install chromium, or name its program in %s)", Variable)
}

// search looks for a name in the environment's PATH, which need not be this process's, and for a path where it says.
func search(env func(string) (string, bool), name string) string {
	if strings.ContainsRune(name, filepath.Separator) {
		if runs(name) {
			return name
		}
		return ""
	}
	folders, _ := env("PATH")
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
