package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/verify/view"
)

func (a *app) version() *cli.Verb {
	return &cli.Verb{
		Name: "version", Summary: "say which build this is", About: "Says which build this is.",
		Run: func(context.Context, []string) error {
			version, goVersion := "unknown", ""
			if info, ok := debug.ReadBuildInfo(); ok {
				version, goVersion = info.Main.Version, info.GoVersion
			}
			return a.say("version", view.Page{member("build", version), member("go", goVersion)},
				"safeconduct %s, built with %s", version, goVersion)
		},
	}
}

func (a *app) completion() *cli.Verb {
	v := &cli.Verb{
		Name: "completion", Summary: "make a shell complete command lines",
		About: "Prints what makes bash, zsh, fish or PowerShell complete verbs, flags and files. It asks safeconduct itself at each Tab.",
		Args:  []string{"SHELL"}, NoArgs: "the shell is needed: bash, zsh, fish or powershell", ArgWords: []string{"bash", "zsh", "fish", "powershell"},
		Example: `source <(safeconduct completion bash)     # in ~/.bashrc
safeconduct completion zsh > "${fpath[1]}/_safeconduct"
safeconduct completion fish > ~/.config/fish/completions/safeconduct.fish
safeconduct completion powershell | Out-String | Invoke-Expression  # in $PROFILE`,
	}
	v.Run = func(_ context.Context, args []string) error {
		root := a.tool().Command()
		switch args[0] {
		case "bash":
			return root.GenBashCompletionV2(&a.out, true)
		case "zsh":
			return root.GenZshCompletion(&a.out)
		case "fish":
			return root.GenFishCompletion(&a.out, true)
		case "powershell":
			return root.GenPowerShellCompletionWithDesc(&a.out)
		}
		return v.Wrong("there is no completion for %q, want bash, zsh, fish or powershell", args[0])
	}
	return v
}

func (a *app) man() *cli.Verb {
	return &cli.Verb{
		Name: "man", Summary: "write the manual pages", About: "Writes the manual pages of all verbs into a folder, for section 1.",
		Args: []string{"DIR"}, NoArgs: "the folder is needed",
		Example: "safeconduct man /usr/local/share/man/man1",
		Run: func(_ context.Context, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return ioFailure(err, "cannot make the folder")
			}
			for name, page := range a.tool().Manual() {
				if err := save(filepath.Join(args[0], name), 0o644, true, []byte(page)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
