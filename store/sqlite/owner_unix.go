//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// beside are the files that SQLite keeps beside a database, and reads into it: who can
// write one of them can write the database.
var beside = []string{"-wal", "-shm", "-journal"}

// private makes sure that nobody else can write the file, what SQLite keeps beside it,
// or the folder, where they could put what SQLite would read.
func private(path string) error {
	us := os.Geteuid()
	owner := us
	file, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it will be ours
	case err != nil:
		return err
	case file.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("its mode is %s: others may write it, want 0600", file.Mode().Perm())
	default:
		owner = ownerOf(file)
	}
	if us != 0 && !trusted(owner, us, us) { // root looks at what is another's
		return fmt.Errorf("its owner is user %d, want user %d, who opens it", owner, us)
	}
	for _, suffix := range beside {
		info, err := os.Lstat(path + suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("beside it, %s is a %s, want a regular file", suffix, info.Mode().Type())
		case info.Mode().Perm()&0o022 != 0:
			return fmt.Errorf("beside it, the mode of %s is %s: others may write it, want 0600", suffix,
				info.Mode().Perm())
		case !trusted(ownerOf(info), owner, us):
			return fmt.Errorf("beside it, the owner of %s is user %d, want user %d", suffix, ownerOf(info), owner)
		}
	}
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return err
	case !trusted(ownerOf(info), owner, us):
		return fmt.Errorf("the owner of its folder %s is user %d, want user %d", folder, ownerOf(info), owner)
	case shared(info.Mode().Perm(), int(info.Sys().(*syscall.Stat_t).Gid), us, os.Getegid()):
		return fmt.Errorf("the mode of its folder %s is %s: others may put files into it that SQLite reads; "+
			"want a folder of its own: mkdir -m 700", folder, info.Mode().Perm())
	}
	return nil
}

func ownerOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// trusted reports whether that owner may write what is the other's: each may write his
// own, and root all.
func trusted(owner, of, us int) bool { return owner == of || owner == us || owner == 0 }

// shared reports whether others may write a folder. Where every user has a group of his
// own, of the same number, that group is nobody else.
func shared(mode fs.FileMode, group, us, ours int) bool {
	return mode&0o002 != 0 || mode&0o020 != 0 && (group != ours || group != us)
}
