package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const everyPlatform = "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64"

// TestRelease builds the release of one commit twice, in two clones in different folders, for users with different homes and so without
// anything compiled before, and wants the same bytes. Then it looks into each archive, and runs what this machine can run.
func TestRelease(t *testing.T) {
	platforms := strings.Fields(cmp.Or(os.Getenv("PLATFORMS"), everyPlatform))
	modules, tools := strings.TrimSpace(must(t, ".", nil, "go", "env", "GOMODCACHE")), filepath.Join(root(t), ".cache", "release")
	first, second := clone(t), clone(t)
	var made [2]map[string][]byte
	for i, dir := range []string{first, second} {
		home := t.TempDir()
		// What was downloaded is shared, and checked by go.sum; what lists a release's parts is no part of it.
		env := []string{"HOME=" + home, "GOCACHE=" + filepath.Join(home, "compiled"), "GOMODCACHE=" + modules, "RELEASE_TOOLS=" + tools, "PLATFORMS=" + strings.Join(platforms, " ")}
		t.Log(must(t, dir, env, "make", "release"))
		if changed := must(t, dir, nil, "git", "status", "--porcelain"); changed != "" {
			t.Errorf("it left behind\n%s", changed)
		}
		made[i] = files(t, filepath.Join(dir, "dist"))
	}
	if len(made[0]) != 2*len(platforms)+1 {
		t.Errorf("there are %d files for %d platforms", len(made[0]), len(platforms))
	}
	for name, data := range made[0] {
		if !bytes.Equal(data, made[1][name]) {
			t.Errorf("%s is not the same twice", name)
		}
		if line := fmt.Sprintf("%x  %s\n", sha256.Sum256(data), name); name != "checksums.txt" && !strings.Contains(string(made[0]["checksums.txt"]), line) {
			t.Errorf("the checksum of %s is another", name)
		}
	}
	commit := strings.TrimSpace(must(t, first, nil, "git", "rev-parse", "HEAD"))
	for _, platform := range platforms {
		t.Run(platform, func(t *testing.T) { looks(t, platform, commit, made[0]) })
	}
}

func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if err == nil {
			all[entry.Name()], err = os.ReadFile(filepath.Join(dir, entry.Name()))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// looks holds what there is for a platform against what it is to be.
func looks(t *testing.T, platform, commit string, all map[string][]byte) {
	system, arch, _ := strings.Cut(platform, "/")
	var name string
	for each := range all {
		if strings.Contains(each, "_"+system+"_"+arch+".") && !strings.HasSuffix(each, ".json") {
			name = each
		}
	}
	base := strings.TrimSuffix(strings.TrimSuffix(name, ".tar.gz"), ".zip")
	held := unpacked(t, name, all[name])
	program := base + "/gonogo"
	if system == "windows" {
		program += ".exe"
	}
	for _, file := range []string{program, base + "/README.md", base + "/docs/install.md", base + "/man/man1/gonogo-check.1", base + "/completion/gonogo.bash", base + "/completion/gonogo.ps1"} {
		if len(held[file]) == 0 {
			t.Errorf("%s has no %s", name, file)
		}
	}

	var bom struct {
		BOMFormat, SerialNumber string
		Metadata                struct {
			Timestamp string
			Component struct{ Name string }
		}
		Components []struct{ Name, Version string }
	}
	list := all[base+".sbom.json"]
	if err := json.Unmarshal(list, &bom); err != nil || bom.BOMFormat != "CycloneDX" || bom.SerialNumber != "" || bom.Metadata.Timestamp != "" {
		t.Errorf("%v, and the SBOM is %.400s", err, list)
	}
	binary := held[program]
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	for _, dep := range info.Deps {
		if !slices.ContainsFunc(bom.Components, func(c struct{ Name, Version string }) bool { return c.Name == dep.Path && c.Version == dep.Version }) {
			t.Errorf("%s %s is in the binary, and not in the SBOM", dep.Path, dep.Version)
		}
	}
	built := map[string]string{}
	for _, setting := range info.Settings {
		built[setting.Key] = setting.Value
	}
	if info.Path != info.Main.Path+"/cmd/gonogo" || built["GOOS"] != system || built["GOARCH"] != arch || built["CGO_ENABLED"] != "0" || built["-trimpath"] != "true" {
		t.Errorf("it is built as %s of %s, %v", info.Path, info.Main.Path, built)
	}
	if format := formatOf(t, binary); format != platform {
		t.Errorf("it is a file for %s", format)
	}
	runs(t, platform, commit, base, binary)
}

// formatOf is the platform that a program's file is for. One for Linux has to be static.
func formatOf(t *testing.T, binary []byte) string {
	t.Helper()
	r := bytes.NewReader(binary)
	if file, err := elf.NewFile(r); err == nil {
		if slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC }) {
			t.Error("it is not static")
		}
		return "linux/" + map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}[file.Machine]
	}
	if file, err := macho.NewFile(r); err == nil {
		return "darwin/" + map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}[file.Cpu]
	}
	file, err := pe.NewFile(r)
	if err != nil {
		t.Fatal(err)
	}
	return "windows/" + map[uint16]string{pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64"}[file.Machine]
}

// runs runs a program where this machine can, by itself or by another's help.
func runs(t *testing.T, platform, commit, base string, binary []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gonogo.exe")
	if err := os.WriteFile(path, binary, 0o700); err != nil {
		t.Fatal(err)
	}
	var command []string
	prefix := t.TempDir()
	env := []string{"WINEPREFIX=" + prefix, "WINEDEBUG=-all"}
	switch {
	case platform == runtime.GOOS+"/"+runtime.GOARCH:
	case platform == "linux/arm64":
		command = []string{"qemu-aarch64"}
	case platform == "windows/amd64":
		command = []string{"wine"}
	default:
		t.Log("nothing here runs it: its format and its build information are looked at")
		return
	}
	if len(command) > 0 {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Log("it is not run: ", err)
			return
		}
	}
	dir := t.TempDir()
	out, err := try(t, dir, env, append(command, path, "version")...)
	if strings.Contains(out, "bcryptprimitives.dll not found") { // wine before 9, as Debian 12 has it
		const compiler = "x86_64-w64-mingw32-gcc"
		if _, missing := exec.LookPath(compiler); missing != nil {
			t.Log("it is not run: this wine has no bcryptprimitives.dll, and there is no", compiler, "to make one")
			return
		}
		source, _ := filepath.Abs("wine/bcryptprimitives.c")
		must(t, prefix, nil, compiler, "-shared", "-o", "drive_c/windows/system32/bcryptprimitives.dll", source, "-ladvapi32")
		out, err = try(t, dir, env, append(command, path, "version")...)
	}
	version := strings.TrimPrefix(base[:strings.LastIndex(base[:strings.LastIndex(base, "_")], "_")], "gonogo_")
	want := regexp.MustCompile(`(?m)^gonogo ` + regexp.QuoteMeta(version) + ` \(` + commit + `, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)\r?$`)
	if err != nil || !want.MatchString(out) {
		t.Errorf("%v, and it says %s\nwant %s", err, out, want)
	}
	if platform != "linux/arm64" { // a processor that is played takes its time
		t.Log(must(t, dir, env, append(command, path, "check", "--quiet")...))
	}
}

// unpacked are the files of an archive by their names.
func unpacked(t *testing.T, name string, data []byte) map[string][]byte {
	t.Helper()
	held := map[string][]byte{}
	if strings.HasSuffix(name, ".zip") {
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.File {
			r, err := file.Open()
			if err == nil {
				held[file.Name], err = io.ReadAll(r)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return held
	}
	plain, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(plain); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return held
		}
		if err == nil {
			held[header.Name], err = io.ReadAll(archive)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestContainer makes the image where buildah is, and checks in it.
func TestContainer(t *testing.T) {
	if _, err := exec.LookPath("buildah"); err != nil {
		t.Skip(err)
	}
	dir := clone(t)
	out := must(t, dir, []string{"CONTAINERS_STORAGE_CONF=" + storage(t)}, ".ci/container", "gonogo-proof")
	commit := strings.TrimSpace(must(t, dir, nil, "git", "rev-parse", "HEAD"))
	for _, says := range []string{"gonogo dev (" + commit + ", ", "GO: "} {
		if !strings.Contains(out, says) {
			t.Errorf("no %q in\n%s", says, out)
		}
	}
}

// storage is a store of images that goes with the test.
func storage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "storage.conf")
	text := fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n", filepath.Join(dir, "images"), filepath.Join(dir, "run"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
