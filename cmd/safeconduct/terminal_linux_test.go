package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"unsafe"

	"github.com/rogpeppe/go-internal/testscript"
)

// terminal STREAM EXIT ARGS...: runs safeconduct with a terminal as stdout or stderr, and wants that exit code. What the
// terminal shows is in the file tty, what the other stream says in the file other. Unlike ttyout it waits for all of it.
func cmdTerminal(ts *testscript.TestScript, _ bool, args []string) {
	shown, other := new(bytes.Buffer), new(bytes.Buffer)
	master, tty, err := openTerminal()
	ts.Check(err)
	defer master.Close()
	cmd := exec.Command(program(ts), args[2:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), "TERM="+ts.Getenv("TERM"), "NO_COLOR="+ts.Getenv("NO_COLOR"))
	if cmd.Stdout, cmd.Stderr = tty, other; args[0] == "stderr" {
		cmd.Stdout, cmd.Stderr = other, tty
	}
	err = cmd.Start()
	tty.Close() // the program has its own: when it ends there is nobody who writes
	ts.Check(err)
	_, err = io.Copy(shown, master)
	if !errors.Is(err, syscall.EIO) { // that is how a terminal ends
		ts.Check(err)
	}
	var failed *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &failed) {
		ts.Fatalf("%v", err)
	}
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != args[1] {
		ts.Fatalf("exit code %s, want %s", got, args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs("tty"), shown.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("other"), other.Bytes(), 0o600))
}

// program is safeconduct as scripts find it.
func program(ts *testscript.TestScript) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if name := filepath.Join(dir, "safeconduct"); exists(name) {
			return name
		}
	}
	ts.Fatalf("there is no safeconduct in PATH")
	return ""
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func openTerminal() (master, tty *os.File, err error) {
	if master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	var number, unlocked int32
	for request, at := range map[uintptr]*int32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlocked} {
		if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(at))); no != 0 {
			return nil, nil, errors.Join(no, master.Close())
		}
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	return master, tty, err
}
