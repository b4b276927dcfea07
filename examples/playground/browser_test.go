package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// browser is a Chromium that is driven through two pipes (its DevTools protocol), so that nothing else can reach it.
type browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	session string
	id      int

	fetched []string // every URL that a page asked for
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := os.Getenv("SAFECONDUCT_CHROMIUM")
	if path == "" {
		if os.Getenv("SAFECONDUCT_CI") != "" {
			t.Fatal("SAFECONDUCT_CHROMIUM names a Chromium, and must be set here")
		}
		t.Skip("SAFECONDUCT_CHROMIUM names no Chromium")
	}
	in, to, err := os.Pipe()
	require.NoError(t, err)
	from, out, err := os.Pipe()
	require.NoError(t, err)
	// Processes of the browser may still write into its folder when the first of them has ended.
	profile, err := os.MkdirTemp("", "playground")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	c := exec.CommandContext(ctx, path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--disable-background-networking", "--user-data-dir="+profile, "--remote-debugging-pipe")
	c.ExtraFiles = []*os.File{in, out}
	require.NoError(t, c.Start())
	_, _ = in.Close(), out.Close()
	b := &browser{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		_, _ = to.Close(), from.Close()
		cancel()
		_ = c.Wait()
		_ = os.RemoveAll(profile)
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, part := range []string{"Page", "Runtime", "Network"} {
		b.call(part+".enable", nil, nil)
	}
	return b
}

// call calls a method and waits for its answer. Events that come before it are looked at.
func (b *browser) call(method string, params, into any) {
	b.t.Helper()
	b.id++
	m := map[string]any{"id": b.id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	require.NoError(b.t, err)
	_, err = b.to.Write(append(text, 0))
	require.NoError(b.t, err)
	for {
		raw, err := b.from.ReadBytes(0)
		require.NoError(b.t, err, "the browser ended")
		var a struct {
			ID     int
			Method string
			Params struct{ Request struct{ URL string } }
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		require.NoError(b.t, json.Unmarshal(raw[:len(raw)-1], &a))
		if a.Method == "Network.requestWillBeSent" {
			b.fetched = append(b.fetched, a.Params.Request.URL)
		}
		if a.ID != b.id {
			continue
		}
		require.Nil(b.t, a.Error, method)
		if into != nil {
			require.NoError(b.t, json.Unmarshal(a.Result, into))
		}
		return
	}
}

// ask evaluates an expression that gives a text.
func (b *browser) ask(expression string) string {
	b.t.Helper()
	var r struct{ Result struct{ Value any } }
	b.call("Runtime.evaluate", map[string]any{"expression": "(async () => String(await (" + expression + ")))()", "awaitPromise": true}, &r)
	text, _ := r.Result.Value.(string)
	return text
}

// until waits until a condition of the page holds.
func (b *browser) until(condition string) {
	b.t.Helper()
	look := `new Promise((done) => { const look = () => (` + condition + `) ? done("yes") : setTimeout(look, 20); look(); })`
	for b.ask(look) != "yes" { // a page that was left meanwhile answers nothing
		require.NoError(b.t, b.t.Context().Err())
	}
}

func (b *browser) press(key string, code int) {
	b.t.Helper()
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}, nil)
	}
}

func (b *browser) tab() { b.press("Tab", 9) }

// space presses a button that has the focus.
func (b *browser) space() { b.press(" ", 32) }

// The page judges without a network and without a mouse, at the widths of a telephone and of a desk, and asks nobody for
// anything but its own files.
func TestPlaygroundInABrowser(t *testing.T) {
	b := openBrowser(t)
	dir := t.TempDir()
	require.NoError(t, build(t.Context(), dir))
	var mu sync.Mutex
	var served []string
	files := http.FileServer(http.Dir(dir))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		served = append(served, r.Method+" "+r.URL.Path)
		mu.Unlock()
		files.ServeHTTP(w, r)
	}))
	defer s.Close()

	b.call("Page.navigate", map[string]any{"url": s.URL}, nil)
	b.until(`document.body && document.body.dataset.ready === "yes"`)
	b.call("Network.emulateNetworkConditions", map[string]any{
		"offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0,
	}, nil)

	for _, width := range []int{360, 1440} {
		b.call("Emulation.setDeviceMetricsOverride", map[string]any{
			"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 400,
		}, nil)
		b.ask(`(() => { const h = document.querySelector("h1"); h.tabIndex = -1; h.focus(); })()`) // the top of the page
		b.tab()
		require.Equal(t, "make", b.ask(`document.activeElement.id`))
		b.ask(`window.began = performance.now()`)
		b.space()
		require.Equal(t, "WOULD BE ALLOWED", b.ask(`document.getElementById("verdict").textContent`))
		t.Logf("%d pixels: a passport was made and judged in %s ms", width, b.ask(`performance.now() - window.began`))
		page := b.ask(`document.getElementById("card").srcdoc`)
		require.Contains(t, page, "The eight steps")
		require.Equal(t, 8, strings.Count(page, "<small>passed"))

		b.tab()
		require.Equal(t, "flip", b.ask(`document.activeElement.id`))
		b.space()
		require.Equal(t, "WOULD BE DENIED", b.ask(`document.getElementById("verdict").textContent`))
		require.Contains(t, b.ask(`document.getElementById("card").srcdoc`), "<small>failed")

		b.tab() // clear
		b.space()
		require.Equal(t, "There is nothing on the desk.", b.ask(`document.getElementById("verdict").textContent`))
		b.tab()
		require.Equal(t, "document", b.ask(`document.activeElement.id`))
		b.call("Input.insertText", map[string]any{"text": "<script>alert(1)</script>"}, nil)
		require.Equal(t, "It could not be read.", b.ask(`document.getElementById("verdict").textContent`))
		require.NotEmpty(t, b.ask(`document.getElementById("error").textContent`))
		require.Equal(t, "true", b.ask(`document.documentElement.scrollWidth <= innerWidth`), "nothing is cut off at %d pixels", width)
	}
	require.Equal(t, "0", b.ask(`localStorage.length + sessionStorage.length + document.cookie.length`))

	for _, url := range b.fetched {
		own := strings.HasPrefix(url, s.URL+"/") || url == "about:srcdoc" || url == "about:blank"
		require.True(t, own, "the page asked for %s", url)
	}
	require.NotEmpty(t, b.fetched)
	mu.Lock()
	defer mu.Unlock()
	for _, line := range served {
		require.Regexp(t, `^GET /(|index\.html|style\.css|app\.js|wasm_exec\.js|safeconduct\.wasm|favicon\.ico)$`, line)
	}
}

// What a browser loads is at most 4 MB, compressed.
func TestPlaygroundIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the verifier once more")
	}
	dir := t.TempDir()
	require.NoError(t, build(t.Context(), dir))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 5)
	var sum counter
	for _, name := range files {
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		z, err := gzip.NewWriterLevel(&sum, gzip.BestCompression)
		require.NoError(t, err)
		_, err = z.Write(raw)
		require.NoError(t, err)
		require.NoError(t, z.Close())
	}
	require.LessOrEqual(t, int(sum), 4_000_000)
	t.Logf("%d bytes", sum)
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
