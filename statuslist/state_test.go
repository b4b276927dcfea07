package statuslist

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
)

// TestSTL18Crash stops the issuer between any two of: allocate, save, sign.
// What was signed before must never be given again after the restart.
func TestSTL18Crash(t *testing.T) {
	const lifetimes = 36
	disk := publisher(t, nil).MarshalState() // what a crash leaves
	signed := map[int]bool{}
	for life := range lifetimes {
		p, err := RestorePublisher(disk)
		require.NoError(t, err)
		for step := range life % 6 { // the crash comes after so many whole issues
			i, err := p.Allocate()
			require.NoError(t, err)
			disk = p.MarshalState()
			require.False(t, signed[i], "life %d, step %d: index %d used twice", life, step, i)
			signed[i] = true
		}
		switch life % 3 {
		case 0: // crash right after allocating: nothing saved, nothing signed
			_, err := p.Allocate()
			require.NoError(t, err)
		case 1: // crash after saving: an index is wasted
			_, err := p.Allocate()
			require.NoError(t, err)
			disk = p.MarshalState()
		case 2: // crash while nothing is under way
		}
	}
	p, err := RestorePublisher(disk)
	require.NoError(t, err)
	require.LessOrEqual(t, p.Free(), MinEntries-len(signed))
	for i := range signed {
		require.NoError(t, p.Set(i, 1))
	}
}

func TestRestoreRefusesADamagedState(t *testing.T) {
	p := publisher(t, nil)
	for range 3 {
		i, err := p.Allocate()
		require.NoError(t, err)
		require.NoError(t, p.Set(i, 1))
	}
	good := string(p.MarshalState())
	longer := publisher(t, func(o *PublisherOptions) { o.Entries = MinEntries + 8 })
	require.NoError(t, longer.Claim(MinEntries))
	v := value(t, good)
	text := func(l *List) string { return `"` + l.Encode(Bitstring) + `"` }
	for name, state := range map[string]string{
		"nothing":               "",
		"cut":                   good[:len(good)-1],
		"unknown member":        with(t, good, "editioo", "1"),
		"two":                   good + good,
		"not JSON":              "x",
		"another version":       with(t, good, "version", "2"),
		"no version":            with(t, good, "version", ""),
		"no URL":                with(t, good, "url", ""),
		"no purpose":            with(t, good, "purpose", ""),
		"negative entries":      with(t, good, "entries", "-1"),
		"one size more":         with(t, good, "size", "2"),
		"values cut":            with(t, good, "values", v.Get("values").Raw()[:50]+`"`),
		"values missing":        with(t, good, "values", ""),
		"values longer":         with(t, good, "values", text(longer.values)),
		"used missing":          with(t, good, "used", ""),
		"used longer":           with(t, good, "used", text(longer.used)),
		"entries longer":        with(t, good, "entries", "131080"),
		"used forgotten":        with(t, good, "used", `"`+textEmpty+`"`),
		"values and used apart": with(t, good, "values", `"`+textIndex0+`"`),
	} {
		_, err := RestorePublisher([]byte(state))
		require.ErrorIs(t, err, code.RequestInvalid, name)
	}
	q, err := RestorePublisher([]byte(good))
	require.NoError(t, err)
	require.Equal(t, good, string(q.MarshalState()))

	// A list of statuses that is shorter than the list of used indices.
	odd := publisher(t, func(o *PublisherOptions) {
		o.Also, o.Purpose, o.Entries, o.Size, o.Messages = nil, Message, MinEntries+1, 8, make([]string, 256)
	})
	require.Less(t, odd.values.Len(), odd.used.Len())
	require.NoError(t, odd.used.Set(odd.values.Len(), 1)) // as Claim never does
	_, err = RestorePublisher(odd.MarshalState())
	require.ErrorIs(t, err, code.RequestInvalid)
}

// A state that was restored is the state that is saved.
func FuzzRestorePublisher(f *testing.F) {
	p := publisher(f, nil)
	for range 3 {
		if _, err := p.Allocate(); err != nil {
			f.Fatal(err)
		}
	}
	if _, err := p.Publish(ctx, signer(f), PublishOptions{Now: testNow}); err != nil {
		f.Fatal(err)
	}
	f.Add(p.MarshalState())
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		p, err := RestorePublisher(state)
		if err != nil {
			require.ErrorIs(t, err, code.RequestInvalid)
			return
		}
		saved := p.MarshalState()
		again, err := RestorePublisher(saved)
		require.NoError(t, err)
		require.Equal(t, string(saved), string(again.MarshalState()))
	})
}
