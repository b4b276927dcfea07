//go:build interop

package verifya2a_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2asrv"
	"github.com/stretchr/testify/require"

	verifya2a "github.com/safeconduct/safeconduct/integrations/a2a"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// said is what the programs in Python print.
type said struct {
	Digest, State, Text, Name, Refused string
	Code                               int
}

func python(t testing.TB, folder, program string, args ...string) *exec.Cmd {
	interpreter := folder + "/.venv/bin/python"
	if _, err := os.Stat(interpreter); err != nil {
		t.Fatal(folder + "/.venv is missing: python3 -m venv, pip install -r requirements.txt")
	}
	cmd := exec.Command(interpreter, append([]string{folder + "/" + program}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd
}

// call has the client in Python call, with what show makes of what is bound.
func (s *shop) call(amount string, show func(digest string) string) said {
	cmd := python(s.t, "interop", "client.py", "call", s.url, amount)
	in, err := cmd.StdinPipe()
	require.NoError(s.t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, cmd.Start())
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	next := func() (line said) {
		require.True(s.t, lines.Scan(), "%v", lines.Err())
		require.NoError(s.t, json.Unmarshal(lines.Bytes(), &line), lines.Text())
		return line
	}
	_, err = io.WriteString(in, show(next().Digest)+"\n")
	require.NoError(s.t, err)
	require.NoError(s.t, in.Close())
	line := next()
	require.NoError(s.t, cmd.Wait())
	return line
}

// The SDK's client computes what is bound by itself and is let through, once; without a
// passport, with another message and for too much it is refused, in words.
func TestPythonClient(t *testing.T) {
	s := newShop(t)
	show := func(amount string) func(string) string {
		return func(digest string) string {
			act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney(amount, "USD"), Category: "compute",
				Rail: "tempo"}
			return string(s.PresentChain(s.Agent, s.client.Chain, passport.Intent{Act: act, BodyDigest: digest}))
		}
	}
	refused := func(line said, code verify.Code) string {
		t.Helper()
		require.NotZero(t, line.Code)
		require.Contains(t, line.Text, `"code":"`+string(code)+`"`)
		require.Zero(t, s.ran.Load())
		return line.Text
	}
	refused(s.call("12.50", func(string) string { return "" }), verify.EnvelopeMissing)
	text := refused(s.call("60.00", show("60.00")), verify.AuthorityAmountExceeded)
	require.Contains(t, text, "50.00 USD")
	shown := ""
	refused(s.call("12.51", func(digest string) string { return show("12.50")(digest) }), verify.ProofIntentMismatch)
	line := s.call("12.50", func(digest string) string { shown = show("12.50")(digest); return shown })
	require.Equal(t, "completed", line.State, line.Text)
	require.EqualValues(t, 1, s.ran.Swap(0))
	refused(s.call("12.50", func(string) string { return shown }), verify.LedgerReplay)
}

// run runs a program and reads what it prints.
func run(t testing.TB, cmd *exec.Cmd, input ...string) string {
	cmd.Stdin = strings.NewReader(strings.Join(input, "\n") + "\n")
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func runJSON(t testing.TB, cmd *exec.Cmd, input ...string) (line said) {
	require.NoError(t, json.Unmarshal([]byte(run(t, cmd, input...)), &line))
	return line
}

// Cards of protocol 0.3: what the SDK for Python signs is believed here, and what is
// signed here is believed there, by the SDK's own resolver; changed, nowhere.
func TestPythonCards(t *testing.T) {
	key := verifytest.Key("shop")
	pinned := verifya2a.CardKeys{origin: {key.PublicKey()}}
	for name, edit := range map[string]func(*a2a.AgentCard){
		"full":     func(*a2a.AgentCard) {},
		"defaults": func(c *a2a.AgentCard) { c.ProtocolVersion, c.PreferredTransport = "0.3.1", "GRPC" },
		"empties":  func(c *a2a.AgentCard) { c.Description, c.Skills = "", []a2a.AgentSkill{} },
	} {
		text, err := json.Marshal(newCard(edit))
		require.NoError(t, err)
		theirs := run(t, python(t, "interop", "client.py", "sign"), string(key.PrivateJWK()), string(text))
		checked, err := verifya2a.CheckCard([]byte(theirs), origin, pinned)
		require.NoError(t, err, "%s: %s", name, theirs)
		require.Contains(t, string(checked.Text), `"protocolVersion"`)
		_, err = verifya2a.CheckCard([]byte(strings.Replace(theirs, `"shop"`, `"shap"`, 1)), origin, pinned)
		require.ErrorIs(t, err, verifya2a.ErrCard)

		card := newCard(edit)
		require.NoError(t, verifya2a.SignCard(t.Context(), key, card))
		fetch := func(card *a2a.AgentCard) said {
			server := httptest.NewServer(a2asrv.NewStaticAgentCardHandler(card))
			defer server.Close()
			return runJSON(t, python(t, "interop", "client.py", "fetch", server.URL), string(key.PublicKey().JWK()))
		}
		require.Equal(t, said{Name: "shop"}, fetch(card), name)
		card.Name = "shap"
		require.NotEmpty(t, fetch(card).Refused, name)
	}
}

// Cards of protocol 1.0, both ways.
func TestPythonCardsOfVersion1(t *testing.T) {
	key := verifytest.Key("shop")
	pinned := verifya2a.CardKeys{origin: {key.PublicKey()}}
	const card = `{"name":"shöp","description":"","version":"1.0.0",` +
		`"supportedInterfaces":[{"url":"https://shop.example/a2a","protocolBinding":"JSONRPC","protocolVersion":"1.0"}],` +
		`"capabilities":{"streaming":false,"extensions":[]},"defaultInputModes":["text/plain"],` +
		`"defaultOutputModes":["text/plain"],"skills":[{"id":"charge","name":"charge","description":"d","tags":["t"]}]}`
	theirs := run(t, python(t, "interop/v1", "cards.py", "sign"), string(key.PrivateJWK()), card)
	_, err := verifya2a.CheckCard([]byte(theirs), origin, pinned)
	require.NoError(t, err, theirs)
	_, err = verifya2a.CheckCard([]byte(strings.Replace(theirs, "charge", "refund", 1)), origin, pinned)
	require.ErrorIs(t, err, verifya2a.ErrCard)

	signatures, err := verifya2a.SignCardJSON(t.Context(), key, []byte(card))
	require.NoError(t, err)
	list, err := json.Marshal(signatures)
	require.NoError(t, err)
	mine := strings.TrimSuffix(card, "}") + `,"signatures":` + string(list) + "}"
	check := func(text string) said {
		return runJSON(t, python(t, "interop/v1", "cards.py", "check"), string(key.PublicKey().JWK()), text)
	}
	require.Equal(t, said{Name: "shöp"}, check(mine))
	require.NotEmpty(t, check(strings.Replace(mine, "charge", "refund", 1)).Refused)
}
