//go:build cgo

package pkcs11

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	p11 "github.com/miekg/pkcs11"

	"github.com/safeconduct/safeconduct/integrations/kms"
)

// A Library is the code of a token, loaded into this process. It is safe for concurrent
// use.
type Library struct {
	ctx  *p11.Ctx
	path string
	mine bool // it was not initialised before, so it is ours to finalise

	mu     sync.RWMutex // a call into what was unloaded would end the process
	closed bool
}

// use makes calls into the library, unless it is closed.
func (l *Library) use(calls func() error) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return kms.ErrClosed
	}
	return calls()
}

// Load loads the library of a token, by its path. Load each library once in a process:
// closing one Library ends the keys of all others of the same path.
func Load(path string) (*Library, error) {
	if path == "" {
		return nil, errors.New("pkcs11: the path of the token's library is empty")
	}
	ctx := p11.New(path)
	if ctx == nil {
		return nil, fmt.Errorf("pkcs11: %s could not be loaded: is it there, and a PKCS#11 library?", path)
	}
	l := &Library{ctx: ctx, path: path, mine: true}
	if err := ctx.Initialize(); errors.Is(err, p11.Error(p11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		l.mine = false
	} else if err != nil {
		ctx.Destroy()
		return nil, fmt.Errorf("pkcs11: %s could not be initialised: %w", path, err)
	}
	return l, nil
}

// Close waits for calls that are under way, and unloads the library. Its keys sign nothing
// after that.
func (l *Library) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	var err error
	if l.mine {
		err = l.ctx.Finalize()
	}
	l.ctx.Destroy()
	if err != nil {
		return fmt.Errorf("pkcs11: %s: %w", l.path, err)
	}
	return nil
}

// slot finds the one token that a configuration names. Slots have no lasting numbers, so
// it looks each time.
func (l *Library) slot(c *Config) (slot uint, err error) {
	slots, err := l.ctx.GetSlotList(true)
	if err != nil {
		return 0, said("listing the tokens", err)
	}
	var found []uint
	var there []string
	for _, s := range slots {
		info, err := l.ctx.GetTokenInfo(s)
		if err != nil {
			continue // it was pulled out meanwhile
		}
		label, serial := strings.TrimRight(info.Label, " \x00"), strings.TrimRight(info.SerialNumber, " \x00")
		if label != "" {
			there = append(there, label)
		}
		if (c.Token == "" || c.Token == label) && (c.Serial == "" || c.Serial == serial) {
			found = append(found, s)
		}
	}
	slices.Sort(there)
	switch len(found) {
	case 0:
		return 0, fmt.Errorf("%w: no token is %s; there are %q", kms.ErrUnreachable, c.token(), there)
	case 1:
		return found[0], nil
	}
	return 0, fmt.Errorf("%w: %d tokens are %s: name its serial number, too", kms.ErrNoKey, len(found), c.token())
}

// kinds says what the answers of a token mean to whoever asked.
var kinds = map[error][]uint{
	kms.ErrUnreachable: {p11.CKR_DEVICE_ERROR, p11.CKR_DEVICE_REMOVED, p11.CKR_TOKEN_NOT_PRESENT,
		p11.CKR_TOKEN_NOT_RECOGNIZED, p11.CKR_SLOT_ID_INVALID, p11.CKR_SESSION_HANDLE_INVALID, p11.CKR_SESSION_CLOSED,
		p11.CKR_USER_NOT_LOGGED_IN, p11.CKR_OBJECT_HANDLE_INVALID, p11.CKR_KEY_HANDLE_INVALID,
		p11.CKR_GENERAL_ERROR, p11.CKR_FUNCTION_FAILED, p11.CKR_CRYPTOKI_NOT_INITIALIZED},
	kms.ErrRefused: {p11.CKR_PIN_INCORRECT, p11.CKR_PIN_LOCKED, p11.CKR_PIN_EXPIRED, p11.CKR_PIN_INVALID,
		p11.CKR_PIN_LEN_RANGE, p11.CKR_USER_PIN_NOT_INITIALIZED, p11.CKR_KEY_FUNCTION_NOT_PERMITTED},
}

// said is an error of the token, with what it means.
func said(doing string, err error) error {
	var code p11.Error
	if errors.As(err, &code) {
		for kind, codes := range kinds {
			if slices.Contains(codes, uint(code)) {
				return fmt.Errorf("%w: %s: %w", kind, doing, err)
			}
		}
	}
	return fmt.Errorf("pkcs11: %s: %w", doing, err)
}
