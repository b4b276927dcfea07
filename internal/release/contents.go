package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// sbomTool writes the bill of materials from the program itself, from what the linker put into it and not from what
// go.mod would allow: the tool of the CycloneDX project, whose output scanners read.
const sbomTool = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

// cycloneDX makes the SBOM of a program. Without a serial number and a time it is as reproducible as the program is.
func cycloneDX(ctx context.Context, _, program, version string) ([]byte, error) {
	temp, err := os.MkdirTemp("", "sbom") // go run elsewhere: go.mod is not to know this tool
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	return output(ctx, temp, []string{"GOFLAGS=", "GOOS=", "GOARCH=", "CGO_ENABLED=0"}, "go", "run", sbomTool, "bin",
		"-json", "-std", "-noserial", "-notimestamp", "-version", version, program)
}

// complete checks that a bill of materials names each module that the linker put into the program.
func complete(bom []byte, modules []*debug.Module) error {
	var got struct {
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(bom, &got); err != nil {
		return err
	}
	for _, m := range modules {
		if !slices.Contains(got.Components, struct{ Name, Version string }{m.Path, m.Version}) {
			return fmt.Errorf("the SBOM lacks %s %s", m.Path, m.Version)
		}
	}
	return nil
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)`)

// licences puts together what the licences ask a copy of the program to carry: ours, Go's and those of the modules.
func licences(ctx context.Context, dir string, modules []*debug.Module) ([]byte, error) {
	goroot, err := output(ctx, dir, nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	places := [][2]string{{"safeconduct", dir}, {"the Go standard library", strings.TrimSpace(string(goroot))}}
	for _, m := range modules {
		text, err := output(ctx, dir, []string{"GOFLAGS="}, "go", "mod", "download", "-json", m.Path+"@"+m.Version)
		if err != nil {
			return nil, err
		}
		var got struct{ Dir string }
		if err := json.Unmarshal(text, &got); err != nil {
			return nil, err
		}
		places = append(places, [2]string{m.Path + " " + m.Version, got.Dir})
	}
	var all bytes.Buffer
	for _, place := range places {
		files, err := os.ReadDir(place[1])
		if err != nil {
			return nil, err
		}
		found := false
		for _, f := range files {
			if f.IsDir() || !licenceFile.MatchString(f.Name()) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(place[1], f.Name()))
			if err != nil {
				return nil, err
			}
			found = true
			fmt.Fprintf(&all, "==== %s: %s\n\n%s\n\n", place[0], f.Name(), bytes.TrimSpace(text))
		}
		if !found {
			return nil, fmt.Errorf("%s has no licence", place[0])
		}
	}
	return all.Bytes(), nil
}
