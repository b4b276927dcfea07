package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// release is one release: what to build, from where, into which folder.
type release struct {
	source, out     string
	main, name      string // the package, and what its programs are called
	platforms       []string
	toolchain       string
	fresh           bool
	key             *did.KeyPair
	sbom            func(ctx context.Context, dir, program, version string) ([]byte, error)
	log             io.Writer
	commit, version string
}

// make builds everything twice and writes the folder, at the end and at once.
func (r *release) make(ctx context.Context) error {
	if _, err := os.Lstat(r.out); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s exists", r.out)
	}
	temp, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	commit, err := output(ctx, r.source, nil, "git", "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	r.commit = strings.TrimSpace(string(commit))

	// Two clones, so that neither what is not committed nor the name of a folder is built into a program.
	clones := []string{filepath.Join(temp, "a"), filepath.Join(temp, "elsewhere", "with a longer name")}
	for _, clone := range clones {
		source, err := filepath.Abs(r.source)
		if err != nil {
			return err
		}
		if _, err := output(ctx, ".", nil, "git", "clone", "-q", "--no-checkout", source, clone); err != nil {
			return err
		}
		if _, err := output(ctx, clone, nil, "git", "checkout", "-q", "--detach", r.commit); err != nil {
			return err
		}
	}
	caches := []string{"", ""}
	if r.fresh {
		caches[1] = filepath.Join(temp, "cache")
	}

	dist := filepath.Join(temp, "dist")
	if err := os.Mkdir(dist, 0o755); err != nil {
		return err
	}
	var modules []*debug.Module
	for _, platform := range r.platforms {
		built := make([]string, len(clones))
		for i, clone := range clones {
			built[i] = filepath.Join(temp, fmt.Sprint("program", i))
			if err := binary(ctx, clone, r.main, platform, built[i], r.toolchain, caches[i]); err != nil {
				return err
			}
		}
		if err := same(built[0], built[1]); err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		info, err := buildinfo.ReadFile(built[0])
		if err != nil {
			return err
		}
		if err := r.isOf(info); err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		modules = union(modules, info.Deps)
		name := r.name + "_" + r.version + "_" + strings.ReplaceAll(platform, "/", "_")
		bom, err := r.sbom(ctx, clones[0], built[0], r.version)
		if err != nil {
			return err
		}
		if err := complete(bom, info.Deps); err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		if err := os.WriteFile(filepath.Join(dist, name+".cdx.json"), bom, 0o644); err != nil {
			return err
		}
		if strings.HasPrefix(platform, "windows/") {
			name += ".exe"
		}
		if err := os.Rename(built[0], filepath.Join(dist, name)); err != nil {
			return err
		}
		fmt.Fprintln(r.log, name, "was built twice, and is the same")
	}
	texts, err := licences(ctx, clones[0], modules)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dist, "LICENSES.txt"), texts, 0o644); err != nil {
		return err
	}
	if err := writeSums(dist); err != nil {
		return err
	}
	if err := r.sign(ctx, dist, modules); err != nil {
		return err
	}
	return os.CopyFS(r.out, os.DirFS(dist))
}

// isOf checks that a program says of itself which commit it was built from, unchanged, and as which version.
func (r *release) isOf(info *buildinfo.BuildInfo) error {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["vcs.revision"] != r.commit || settings["vcs.modified"] != "false" {
		return fmt.Errorf("the program says commit %q, modified %q; want %s, unmodified",
			settings["vcs.revision"], settings["vcs.modified"], r.commit)
	}
	if r.version == "" {
		r.version = info.Main.Version
	}
	if info.Main.Version != r.version || info.GoVersion != r.toolchain {
		return fmt.Errorf("the program says version %s and %s, want %s and %s",
			info.Main.Version, info.GoVersion, r.version, r.toolchain)
	}
	return nil
}

// flags are what every program is built with. The name of the folder, the debug tables and the build id, all of
// which would differ from one machine to the next, are left out; the commit and its version are put in.
var flags = []string{"build", "-trimpath", "-buildvcs=true", "-mod=readonly", "-ldflags=-s -w -buildid="}

// binary builds one program. What could make it differ from one machine to the next is set here and not taken from
// there. The cache is that of the user unless one is named.
func binary(ctx context.Context, dir, pkg, platform, to, toolchain string, cache ...string) error {
	system, arch, ok := strings.Cut(platform, "/")
	if !ok {
		return fmt.Errorf("the platform is %q, want a system and an architecture, as linux/amd64", platform)
	}
	env := []string{
		"GOOS=" + system, "GOARCH=" + arch, "GOTOOLCHAIN=" + toolchain, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off", "GODEBUG=",
	}
	for _, c := range cache {
		if c != "" {
			env = append(env, "GOCACHE="+c)
		}
	}
	_, err := output(ctx, dir, env, "go", append(slices.Clone(flags), "-o", to, pkg)...)
	return err
}

// same says at which byte two files begin to differ.
func same(one, two string) error {
	a, err := os.ReadFile(one)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(two)
	if err != nil {
		return err
	}
	if bytes.Equal(a, b) {
		return nil
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return fmt.Errorf("two builds of one commit differ, from byte %d of %d and %d", at, len(a), len(b))
}

// output runs a program and gives back what it printed; its errors have what it said.
func output(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, failed.String())
	}
	return out, nil
}

// union adds the modules that are not there yet, and sorts.
func union(all, more []*debug.Module) []*debug.Module {
	for _, m := range more {
		if !slices.ContainsFunc(all, func(have *debug.Module) bool { return have.Path == m.Path }) {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// writeSums writes SHA256SUMS as sha256sum does.
func writeSums(dist string) error {
	files, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dist, f.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(b), f.Name())
	}
	return os.WriteFile(filepath.Join(dist, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
