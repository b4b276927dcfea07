package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// small is a release of a program of a few lines, in a repository of its own.
func small(t *testing.T, program string) *release {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("go.mod", "module example.com/small\n\ngo 1.25\n")
	write("LICENSE", "may be copied\n")
	write("cmd/small/main.go", program)
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "a"},
		{"tag", "v0.1.0"},
	} {
		_, err := output(t.Context(), dir, nil, "git", args...)
		require.NoError(t, err)
	}
	key, err := did.NewKeyPair(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)))
	require.NoError(t, err)
	bom := func(context.Context, string, string, string) ([]byte, error) { return []byte("{}\n"), nil }
	return &release{source: dir, out: filepath.Join(t.TempDir(), "dist"), main: "./cmd/small", name: "small", key: key,
		platforms: []string{"linux/amd64", "windows/arm64"}, toolchain: runtime.Version(), sbom: bom, log: &bytes.Buffer{}}
}

const hello = "package main\n\nfunc main() { panic(\"the name of the file is in the program\") }\n"

func TestReleaseIsTheSameEachTime(t *testing.T) {
	r := small(t, hello)
	require.NoError(t, r.make(t.Context()))
	var names []string
	files, err := os.ReadDir(r.out)
	require.NoError(t, err)
	for _, f := range files {
		names = append(names, f.Name())
	}
	require.Equal(t, []string{"LICENSES.txt", "SHA256SUMS", provenanceFile,
		"small_v0.1.0_linux_amd64", "small_v0.1.0_linux_amd64.cdx.json",
		"small_v0.1.0_windows_arm64.cdx.json", "small_v0.1.0_windows_arm64.exe"}, names)

	again := *r
	again.out = filepath.Join(t.TempDir(), "again")
	require.NoError(t, again.make(t.Context()))
	for _, name := range names {
		require.NoError(t, same(filepath.Join(r.out, name), filepath.Join(again.out, name)), name)
	}
	require.ErrorContains(t, r.make(t.Context()), "exists")
}

// Each of what keeps the folder of a build out of the program is needed.
func TestReleaseSeesADifference(t *testing.T) {
	kept := flags
	t.Cleanup(func() { flags = kept })
	flags = []string{"build", "-buildvcs=true", "-ldflags=-s -w"} // without -trimpath
	require.ErrorContains(t, small(t, hello).make(t.Context()), "two builds of one commit differ, from byte")
}

// What is not committed is not in a release, and a program that does not say which commit it is of is refused.
func TestReleaseIsOfACommit(t *testing.T) {
	r := small(t, hello)
	require.NoError(t, os.WriteFile(filepath.Join(r.source, "cmd/small/main.go"), []byte("not Go"), 0o600))
	require.NoError(t, r.make(t.Context()))

	kept := flags
	t.Cleanup(func() { flags = kept })
	flags = []string{"build", "-trimpath", "-buildvcs=false"}
	require.ErrorContains(t, small(t, hello).make(t.Context()), `the program says commit ""`)
}

// reseal signs a changed statement with the key of the release.
func reseal(t *testing.T, r *release, change func(payload string) string) {
	name := filepath.Join(r.out, provenanceFile)
	var e envelope
	line, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, &e))
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	require.NoError(t, err)
	changed := []byte(change(string(payload)))
	require.NotEqual(t, payload, changed)
	sig, err := r.key.Sign(t.Context(), authenticated(payloadType, changed))
	require.NoError(t, err)
	e.Payload, e.Signatures[0].Sig = base64.StdEncoding.EncodeToString(changed), base64.StdEncoding.EncodeToString(sig)
	line, err = json.Marshal(e)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, append(line, '\n'), 0o600))
}

// Both ways to verify, ours and the script that knows openssl alone, refuse the same.
func TestReleaseIsVerified(t *testing.T) {
	made := small(t, hello)
	made.platforms = made.platforms[:1]
	require.NoError(t, made.make(t.Context()))
	const program = "small_v0.1.0_linux_amd64"
	edit := func(name string, change func(string) string) func(*testing.T, *release) {
		return func(t *testing.T, r *release) {
			text, err := os.ReadFile(filepath.Join(r.out, name))
			require.NoError(t, err)
			changed := change(string(text))
			require.NotEqual(t, string(text), changed)
			require.NoError(t, os.WriteFile(filepath.Join(r.out, name), []byte(changed), 0o600))
		}
	}
	for _, test := range []struct {
		name, want string // want is what ours says; "": it is verified
		fault      func(t *testing.T, r *release)
	}{
		{"nothing is wrong", "", func(*testing.T, *release) {}},
		{"a program of which a byte was changed", "is not the file that was signed",
			edit(program, func(s string) string { return s[:len(s)-1] + "?" })},
		{"checksums that were changed", "is not the file that was signed",
			edit("SHA256SUMS", func(s string) string { return s + "\n" })},
		{"a file more", "does not name more", func(t *testing.T, r *release) {
			require.NoError(t, os.WriteFile(filepath.Join(r.out, "more"), []byte("more"), 0o600))
		}},
		{"a program under the name of another", "does not name other", func(t *testing.T, r *release) {
			require.NoError(t, os.Rename(filepath.Join(r.out, program), filepath.Join(r.out, "other")))
		}},
		{"a statement that was changed", "is not signed by the key", edit(provenanceFile, func(s string) string {
			var e envelope
			require.NoError(t, json.Unmarshal([]byte(s), &e))
			payload, err := base64.StdEncoding.DecodeString(e.Payload)
			require.NoError(t, err)
			changed := strings.Replace(string(payload), "v0.1.0", "v0.1.1", 1)
			return strings.Replace(s, e.Payload, base64.StdEncoding.EncodeToString([]byte(changed)), 1)
		})},
		{"the signature of another key", "is not signed by the key", func(t *testing.T, r *release) {
			own := r.key
			var err error
			r.key, err = did.GenerateKey()
			require.NoError(t, err)
			reseal(t, r, func(s string) string { return s + " " })
			r.key = own
		}},
		{"a second signature", "2 signatures", edit(provenanceFile, func(s string) string {
			one := regexp.MustCompile(`\{"keyid".*?\}`).FindString(s)
			return strings.Replace(s, one, one+","+one, 1)
		})},
		{"a payload of another type", "has the type", edit(provenanceFile, func(s string) string {
			return strings.Replace(s, "vnd.in-toto+json", "vnd.in-toto-json", 1)
		})},
		{"a statement of another type, signed", "want the provenance of a release", func(t *testing.T, r *release) {
			reseal(t, r, func(s string) string { return strings.Replace(s, "Statement/v1", "Statement/v0.1", 1) })
		}},
		{"another predicate, signed", "want the provenance of a release", func(t *testing.T, r *release) {
			reseal(t, r, func(s string) string { return strings.Replace(s, provenanceType, "https://cyclonedx.org/bom", 1) })
		}},
		{"no statement", provenanceFile, func(t *testing.T, r *release) {
			require.NoError(t, os.Remove(filepath.Join(r.out, provenanceFile)))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := *made
			r.out = t.TempDir()
			require.NoError(t, os.CopyFS(r.out, os.DirFS(made.out)))
			test.fault(t, &r)
			key := filepath.Join(t.TempDir(), "release.pub")
			require.NoError(t, os.WriteFile(key, r.key.PublicKey().PEM(), 0o600))
			files, err := filepath.Glob(filepath.Join(r.out, "*"))
			require.NoError(t, err)

			err = run(t.Context(), append([]string{"verify", "-key", key}, files...), &bytes.Buffer{})
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
			out, _ := exec.Command("openssl", "version").Output()
			if !strings.HasPrefix(string(out), "OpenSSL 3") {
				require.Empty(t, os.Getenv("SAFECONDUCT_CI"), "openssl is missing or too old: %s", out)
				t.Skip("openssl is missing or too old")
			}
			out, err = exec.Command("sh", append([]string{"verify.sh", key}, files...)...).CombinedOutput()
			require.Equal(t, test.want == "", err == nil, string(out))
		})
	}
}

// What the statement says of the build, from which anyone can do it again.
func TestReleaseSaysHowItWasMade(t *testing.T) {
	r := small(t, hello)
	require.NoError(t, r.make(t.Context()))
	line, err := os.ReadFile(filepath.Join(r.out, provenanceFile))
	require.NoError(t, err)
	s, err := open(r.key.PublicKey(), line)
	require.NoError(t, err)
	def := s.Predicate.BuildDefinition
	require.Equal(t, "v0.1.0", def.ExternalParameters["version"])
	require.Equal(t, runtime.Version(), def.InternalParameters["toolchain"])
	commit := map[string]string{"gitCommit": r.commit}
	require.Equal(t, []resource{{URI: "git+" + repository, Digest: commit}}, def.Dependencies)
	sums, err := os.ReadFile(filepath.Join(r.out, "SHA256SUMS"))
	require.NoError(t, err)
	for _, subject := range s.Subject {
		if subject.Name != "SHA256SUMS" {
			require.Contains(t, string(sums), subject.Digest["sha256"]+"  "+subject.Name+"\n")
		}
		text, err := os.ReadFile(filepath.Join(r.out, subject.Name))
		require.NoError(t, err)
		require.Equal(t, subject.Digest["sha256"], fmt.Sprintf("%x", sha256.Sum256(text)))
	}
	require.Len(t, s.Subject, 6)
	texts, err := os.ReadFile(filepath.Join(r.out, "LICENSES.txt"))
	require.NoError(t, err)
	require.Contains(t, string(texts), "==== safeconduct: LICENSE\n\nmay be copied\n")
	require.Contains(t, string(texts), "==== the Go standard library: LICENSE\n\n")
}

func TestSBOMNamesEachModule(t *testing.T) {
	linked := []*debug.Module{{Path: "example.com/a", Version: "v1.0.0"}, {Path: "example.com/b", Version: "v1.2.0"}}
	const bom = `{"components":[{"name":"example.com/a","version":"v1.0.0"},{"name":"example.com/b","version":"v1.%d.0"}]}`
	require.NoError(t, complete(fmt.Appendf(nil, bom, 2), linked))
	require.EqualError(t, complete(fmt.Appendf(nil, bom, 1), linked), "the SBOM lacks example.com/b v1.2.0")
}
