package main

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// instruction is one of the Dockerfile, with the stage that it is in.
type instruction struct {
	stage      int
	name, rest string
}

func dockerfile(t *testing.T) (all []instruction) {
	text, err := os.ReadFile("../../Dockerfile")
	require.NoError(t, err)
	stage := -1
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "FROM" {
			stage++
		}
		if name != "" && name != "#" {
			all = append(all, instruction{stage, name, rest})
		}
	}
	return all
}

// The image is made of pinned and of nothing else, needs no secret, and runs as nobody in particular.
func TestDockerfile(t *testing.T) {
	var from, users []string
	for _, i := range dockerfile(t) {
		switch i.name {
		case "FROM":
			from = append(from, i.rest)
		case "USER":
			users = append(users, i.rest)
		default:
			require.Contains(t, []string{"ARG", "WORKDIR", "COPY", "RUN", "ENTRYPOINT"}, i.name)
		}
		require.NotRegexp(t, `secret|https?://|apt-get|curl|--mount`, i.rest)
		require.False(t, i.stage == 1 && i.name == "RUN", "nothing runs in the image itself")
	}
	image := "golang:" + strings.TrimPrefix(toolchain, "go") + "-bookworm"
	require.Equal(t, []string{"--platform=$BUILDPLATFORM " + image + " AS build", "scratch"}, from)
	require.Equal(t, []string{"65532:65532"}, users)

	ignored, err := os.ReadFile("../../.dockerignore")
	require.NoError(t, err)
	known, err := os.ReadFile("../../.gitignore")
	require.NoError(t, err)
	for line := range strings.Lines(string(ignored)) {
		if !strings.HasPrefix(line, "#") {
			name := strings.TrimPrefix(strings.TrimSpace(line), "**/")
			require.Regexp(t, `(?m)^`+regexp.QuoteMeta(name)+`/?$`, string(known), "git does not ignore it")
		}
	}
}

// Needing no container engine, the test does what the Dockerfile says: its RUN lines by a shell in a clone, its
// COPY lines into an empty folder, and what it starts in there, as the user that it names.
func TestDockerfileBuildsAndRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command twice")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	if runtime.Version() != toolchain && os.Getenv("SAFECONDUCT_CI") == "" {
		t.Skip("another Go would be fetched: " + toolchain)
	}
	temp := t.TempDir()
	src, out, root := filepath.Join(temp, "src"), filepath.Join(temp, "out"), filepath.Join(temp, "root")
	_, err := output(t.Context(), "../..", nil, "git", "clone", "-q", ".", src)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(out, 0o755))
	require.NoError(t, os.Mkdir(root, 0o755))
	inBuild := strings.NewReplacer("/src/", src+"/", "/out/", out+"/").Replace

	env := []string{"GOTOOLCHAIN=local"} // as in the image of Go
	var user, workdir, entry string
	for _, i := range dockerfile(t) {
		switch {
		case i.name == "ARG":
			env = append(env, i.rest)
		case i.name == "RUN":
			_, err := output(t.Context(), src, env, "sh", "-eu", "-c", inBuild(i.rest))
			require.NoError(t, err)
		case i.stage == 1 && i.name == "COPY":
			args := strings.Fields(i.rest)
			require.Equal(t, "--from=build", args[0])
			owner := strings.TrimPrefix(args[1], "--chown=")
			if args = args[1:]; owner != args[0] {
				args = args[1:]
			}
			to := filepath.Join(root, args[len(args)-1])
			for _, from := range args[:len(args)-1] {
				place := to
				if strings.HasSuffix(args[len(args)-1], "/") {
					place = filepath.Join(to, path.Base(from))
				}
				require.NoError(t, os.MkdirAll(filepath.Dir(place), 0o755))
				_, err := output(t.Context(), ".", nil, "cp", "-rL", inBuild(from), place)
				require.NoError(t, err)
				if owner == "65532:65532" && os.Geteuid() == 0 {
					require.NoError(t, os.Chown(place, 65532, 65532))
				}
			}
		case i.name == "USER":
			user = i.rest
		case i.stage == 1 && i.name == "WORKDIR":
			workdir = i.rest
		case i.name == "ENTRYPOINT":
			entry = strings.Trim(i.rest, `[]"`)
		}
	}

	// It is the program of the release.
	clone := filepath.Join(temp, "another clone")
	_, err = output(t.Context(), "../..", nil, "git", "clone", "-q", ".", clone)
	require.NoError(t, err)
	released := filepath.Join(temp, "released")
	require.NoError(t, binary(t.Context(), clone, "./cmd/safeconduct", "linux/amd64", released, toolchain))
	require.NoError(t, same(released, filepath.Join(root, entry)))

	if os.Geteuid() != 0 || runtime.GOARCH != "amd64" {
		t.Skip("only root may change the root folder; the program is for amd64")
	}
	require.Equal(t, "65532:65532", user)
	require.NoError(t, os.Chmod(temp, 0o755))
	run := func(args ...string) string {
		cmd := exec.Command(entry, args...)
		cmd.Dir, cmd.Env = workdir, []string{}
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, string(text))
		return string(text)
	}
	require.Contains(t, run("version"), toolchain)
	require.NotContains(t, run("version"), "(devel)")
	require.Contains(t, run("keygen", "-o", "agent.key"), "did:key:z6Mk")
	require.FileExists(t, filepath.Join(root, workdir, "agent.key"))
	run("registry", "-h")
}
