package tzdata

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// The archive is read as archive/zip reads it, which also looks at the sums of all files.
func TestArchiveIsWhole(t *testing.T) {
	whole, err := unpacked()
	require.NoError(t, err)
	r, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	require.NoError(t, err)
	require.Greater(t, len(r.File), 500)
	found := map[string][]byte{}
	for name, data := range stored(whole) {
		found[name] = data
	}
	require.Len(t, found, len(r.File))
	for _, f := range r.File {
		require.Equal(t, zip.Store, f.Method)
		o, err := f.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(o)
		require.NoError(t, err)
		require.Equal(t, string(data), string(found[f.Name]), f.Name)
	}
	for _, name := range Names() {
		_, err := Load(name)
		require.NoError(t, err)
	}
	for cut := range 200 { // what is cut off is not a panic
		for range stored(whole[:cut]) {
		}
	}
}
