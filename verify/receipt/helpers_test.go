package receipt

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const origin = "shop.example/receipts"

func options(t testing.TB) Options {
	t.Helper()
	key, err := did.GenerateKey()
	require.NoError(t, err)
	return Options{Origin: origin, Signer: key, Key: key.PublicKey()}
}

// keys are made once: most tests do not care who signs.
var verifierKey = sync.OnceValue(func() *did.KeyPair {
	key, err := did.GenerateKey()
	if err != nil {
		panic(err)
	}
	return key
})

// sealed returns the n-th receipt, always the same one within a run.
func sealed(t testing.TB, n int) *Receipt {
	t.Helper()
	r, err := Parse([]byte(sealedText(n)))
	require.NoError(t, err)
	return r
}

var texts sync.Map

func sealedText(n int) string {
	if text, ok := texts.Load(n); ok {
		return text.(string)
	}
	at := began.Add(time.Duration(n) * time.Second)
	var id ulid.ULID
	_ = id.SetTime(uint64(at.UnixMilli()))
	id[15], id[14] = byte(n), byte(n>>8)
	d := &verify.Decision{ID: id.String(), Verdict: verify.Allow, At: at, TZData: "2026a", Evidence: &verify.Evidence{}}
	for _, s := range steps {
		d.Steps = append(d.Steps, verify.Step{Name: s, Outcome: verify.Passed})
	}
	r, err := Seal(context.Background(), verifierKey(), d)
	if err != nil {
		panic(err)
	}
	texts.Store(n, r.Text())
	return r.Text()
}

func trust(l *Log) Trust {
	return Trust{Verifier: verifierKey().DID(), Resolver: did.KeyMethods(), LogKey: l.Key()}
}

// memory is a disk that can fail, and that forgets what was not synced.
type memory struct {
	mu     sync.Mutex
	files  map[string][]byte // as a reader sees them
	synced map[string][]byte // as they are after power failed
	calls  int
	failAt int   // the call that fails; 0: none
	why    error // with what
}

func newMemory() *memory {
	return &memory{files: map[string][]byte{}, synced: map[string][]byte{}}
}

var errDisk = errors.New("no space left on device")

// step counts a write of any kind, and fails the one that is to fail and all
// after it.
func (m *memory) step() error {
	m.calls++
	if m.failAt > 0 && m.calls >= m.failAt {
		return m.why
	}
	return nil
}

// afterPowerFailed is the disk as the next process finds it.
func (m *memory) afterPowerFailed() *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &memory{files: maps.Clone(m.synced), synced: maps.Clone(m.synced)}
}

// afterKill is the disk as the next process finds it when only the process
// died: what was written is there.
func (m *memory) afterKill() *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &memory{files: maps.Clone(m.files), synced: maps.Clone(m.synced)}
}

func (m *memory) fs() fs.FS {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := fstest.MapFS{}
	for name, data := range m.files {
		out[name] = &fstest.MapFile{Data: slices.Clone(data)}
	}
	return out
}

func (m *memory) Read(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.files[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return slices.Clone(data), nil
}

func (m *memory) List(name string) (names []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for f := range m.files {
		if rest, inside := strings.CutPrefix(f, name+"/"); inside && !strings.Contains(rest, "/") {
			names = append(names, rest)
		}
	}
	return names, nil
}

func (m *memory) Replace(name string, content []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step(); err != nil {
		return err
	}
	m.files[name], m.synced[name] = slices.Clone(content), slices.Clone(content)
	return nil
}

func (m *memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step(); err != nil {
		return err
	}
	for _, files := range []map[string][]byte{m.files, m.synced} {
		maps.DeleteFunc(files, func(f string, _ []byte) bool { return f == name || strings.HasPrefix(f, name+"/") })
	}
	return nil
}

func (m *memory) Open(name string) (file, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step(); err != nil {
		return nil, err
	}
	if _, ok := m.files[name]; !ok {
		m.files[name], m.synced[name] = nil, nil
	}
	return &memoryFile{m, name}, nil
}

type memoryFile struct {
	m    *memory
	name string
}

func (f *memoryFile) WriteAt(data []byte, at int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.step(); err != nil {
		// Half of it gets through.
		f.put(data[:len(data)/2], at)
		return len(data) / 2, err
	}
	f.put(data, at)
	return len(data), nil
}

func (f *memoryFile) put(data []byte, at int64) {
	old := slices.Clone(f.m.files[f.name])
	if need := int(at) + len(data); len(old) < need {
		old = append(old, make([]byte, need-len(old))...)
	}
	copy(old[at:], data)
	f.m.files[f.name] = old
}

func (f *memoryFile) Sync() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.step(); err != nil {
		return err
	}
	f.m.synced[f.name] = slices.Clone(f.m.files[f.name])
	return nil
}

func (f *memoryFile) Truncate(size int64) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.m.step(); err != nil {
		return err
	}
	f.m.files[f.name] = slices.Clone(f.m.files[f.name][:size])
	return nil
}

func (f *memoryFile) Close() error { return nil }

// namedKey is the key of that name, the same one in every process.
func namedKey(t testing.TB, name string) *did.KeyPair {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	key, err := did.NewKeyPair(ed25519.NewKeyFromSeed(seed[:]))
	require.NoError(t, err)
	return key
}
