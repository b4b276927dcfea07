package qr

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each version is drawn where it is the smallest that fits, and what does not fit is refused.
func TestVersions(t *testing.T) {
	at := 0
	for version := 1; version <= versions; version++ {
		most := (8*dataCodewords(version) - 4 - lengthBits(version)) / 8
		require.Greater(t, most, at)
		c, err := Encode(bytes.Repeat([]byte{'x'}, most))
		require.NoError(t, err)
		require.Equal(t, 4*version+17, c.Size())
		c, err = Encode(bytes.Repeat([]byte{'x'}, at+1))
		require.NoError(t, err)
		require.Equal(t, 4*version+17, c.Size())
		at = most
	}
	require.Equal(t, MaxBytes, at)
	_, err := Encode(make([]byte, MaxBytes+1))
	require.ErrorContains(t, err, "at most 2953 fit")
}

// A block with its error correction has the roots that the standard gives it: every codeword counts.
func TestBlocksHaveTheRootsOfReedAndSolomon(t *testing.T) {
	for _, degree := range []int{7, 10, 30} {
		block := []byte("urn:safeconduct:passport:01KQZ3E5P4M8T6W2A9B7C1D0XY")
		block = append(block, remainder(block, generator(degree))...)
		root := byte(1)
		for range degree {
			sum := byte(0)
			for _, b := range block {
				sum = multiply(sum, root) ^ b
			}
			require.Zero(t, sum)
			root = multiply(root, 2)
		}
	}
}

// These codes were read back by ZXing-C++ 3.1, byte for byte.
func TestCodesThatAnotherReaderTook(t *testing.T) {
	for n, want := range map[int]string{
		1: "13e3ea308512042b", 17: "5e82f4dcc648ee3c", 18: "efaef591a8637038", 271: "2887723c9f2994bf", 1000: "0428557b27b9924b", MaxBytes: "0f4409355d30e314",
	} {
		data := make([]byte, n)
		for i := range data {
			data[i] = `abcdefghijklmnopqrstuvwxyz0123456789:{}",[]`[(i*i+7*i)%43]
		}
		c, err := Encode(data)
		require.NoError(t, err)
		require.Equal(t, want, picture(c), n)
	}
}

// picture is a digest of what is drawn.
func picture(c *Code) string {
	var b strings.Builder
	for y := range c.Size() {
		for x := range c.Size() {
			b.WriteByte(" #"[btoi(c.Dark(x, y))])
		}
		b.WriteByte('\n')
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(b.String())))[:16]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
