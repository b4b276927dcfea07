package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
	"github.com/safeconduct/safeconduct/verify/view"
)

// receiptBytes is more than a receipt and its proof have.
const receiptBytes = 256 << 10

func (a *app) receipt() *cli.Verb {
	return &cli.Verb{
		Name: "receipt", Summary: "prove what a verifier decided",
		About: `A receipt is a decision that its verifier has signed. A proof shows that the verifier has it in its log, from
which nothing can be taken back.`,
		Parts: []*cli.Verb{a.receiptVerify(), a.receiptProve()},
		Example: `safeconduct receipt prove -log receipts -log-key $LOGKEY -receipt r.json \
  -o r.proof urn:safeconduct:decision:01K…
safeconduct receipt verify -verifier did:web:shop.example -web \
  -log-key $LOGKEY -proof r.proof r.json`,
	}
}

const logKeyHelp = "the public key of the log, as its keeper has published it: shop.example/receipts+1a2b3c4d+A…"

func logKeyValue(into *string) cli.Value {
	return checked(cli.Text("KEY", into), func(s string) error {
		if receipt.CheckLogKey(s) != nil {
			return errors.New("want the public key of a log, such as shop.example/receipts+1a2b3c4d+A…")
		}
		return nil
	})
}

func (a *app) receiptVerify() *cli.Verb {
	var proof, shown string
	var docs documents
	trust := receipt.Trust{}
	v := &cli.Verb{
		Name: "verify", Summary: "say whether a receipt holds, and what it says",
		About: `Says whether the verifier signed the receipt in FILE (- for standard input) and has it in its log, and what it
decided. FILE is the receipt, or the field Agent-Receipt of an HTTP answer, which has the proof in it. Whether it is
about one act is only known with -shown or -request: without them, any receipt of the verifier holds.`,
		Args: []string{"FILE"}, NoArgs: "the receipt is needed; - for standard input",
	}
	v.Flags = append([]cli.Flag{
		flag("verifier", didValue(&trust.Verifier).Must(), "whose decision it must be"),
		flag("log-key", logKeyValue(&trust.LogKey).Must(), logKeyHelp),
		flag("proof", cli.Text("FILE", &proof), "the proof that the log has it, as receipt prove writes it"),
		flag("shown", cli.Text("FILE", &shown),
			"what was shown: the receipt must be about its intent; about any unless given"),
		flag("request", checked(cli.Text("DIGEST", &trust.Request), func(s string) error {
			_, err := multibase.DecodeDigest(s)
			return err
		}), "the digest of what the verifier was asked, as it has told it: the receipt must be about that"),
	}, docs.flags()...)
	v.Run = func(ctx context.Context, files []string) error {
		raw, err := a.read(files[0], receiptBytes)
		if err != nil {
			return err
		}
		r := verifyhttp.Receipt{Text: raw}
		if !isJSON(raw) {
			if r, err = readField(raw); err != nil {
				return denied("%s is not a receipt: %w", files[0], err).
					Hint("a receipt is JSON, or the field Agent-Receipt of an answer")
			}
		}
		switch {
		case proof != "" && r.Proof != nil:
			return v.Wrong("-proof is given, and the field Agent-Receipt has a proof, too")
		case proof != "":
			r.Proof, err = a.read(proof, receiptBytes)
		case r.Proof == nil:
			return v.Missing("proof").
				Hint("without a proof nobody knows whether the verifier stands by the receipt: safeconduct receipt prove")
		}
		if err != nil {
			return err
		}
		if shown != "" {
			presented, err := a.document(shown)
			if err != nil {
				return err
			}
			if trust.Intent, err = receipt.IntentOf(presented, vcjwt.Format()); err != nil {
				return v.Wrong("-shown: %w", err)
			}
		}
		if trust.Resolver, err = a.resolver(docs); err != nil {
			return err
		}
		says, err := receipt.Verify(ctx, bytes.TrimSuffix(r.Text, []byte("\n")), r.Proof, trust)
		if err != nil {
			return receiptFailure(err)
		}
		var place receipt.Proof
		if err := place.UnmarshalText(r.Proof); err != nil {
			return err
		}
		page := receiptPage(&says)
		answer := append(page, member("index", place.Index), member("receipt", json.RawMessage(r.Text)))
		return a.answer("receipt-verified", answer, func() {
			a.text.Line("HOLDS: %s", says.Verdict)
			a.text.Page(page)
			a.text.Field("log", trust.LogKey[:strings.Index(trust.LogKey, "+")]+", entry "+strconv.FormatInt(place.Index, 10))
		})
	}
	return v
}

// readField reads a receipt and its proof as the header of an answer has them, with or without the field's name.
func readField(raw []byte) (verifyhttp.Receipt, error) {
	value := strings.TrimSpace(string(raw))
	if name, rest, ok := strings.Cut(value, ": "); ok && strings.EqualFold(name, verifyhttp.HeaderReceipt) {
		value = rest
	}
	return verifyhttp.ReadReceipt(http.Header{verifyhttp.HeaderReceipt: {value}})
}

// receiptPage is what a receipt says.
func receiptPage(s *receipt.Statement) view.Page {
	p := view.Page{
		{Name: "id", Label: "decision", Value: s.ID}, {Name: "verdict", Label: "verdict", Value: s.Verdict.String()},
		{Name: "verifier", Label: "verifier", Value: s.Verifier.String()}, {Name: "at", Label: "at", Value: instant(s.At)},
		{Name: "repeats", Label: "repeats", Value: s.Repeats},
	}
	var codes []string
	for _, c := range s.Codes {
		codes = append(codes, string(c))
	}
	p = append(p, view.Row{Name: "codes", Label: "codes", Value: codes})
	for _, l := range s.Evidence.Links {
		p = append(p, view.Row{Label: "passport", Value: l.ID}, view.Row{Label: "  digest", Value: l.Digest})
	}
	p = append(p, view.Row{Label: "request", Value: s.Evidence.Request}, view.Row{Label: "intent", Value: s.Evidence.Intent})
	for _, l := range s.Evidence.Lists {
		p = append(p, view.Row{Label: "status list", Value: l.URL}, view.Row{Label: "  as of", Value: instant(l.AsOf)})
	}
	return p
}

func (a *app) receiptProve() *cli.Verb {
	var log, key, out, into string
	v := &cli.Verb{
		Name: "prove", Summary: "take a receipt and its proof out of a log",
		About: `Takes a receipt out of a published log, by its ID or by its place, and proves that the log has it. Whoever has
a copy of the files can do so; the log may be in use meanwhile.`,
		Args: []string{"ID"}, NoArgs: "the id of the decision is needed, or the place of the receipt",
		Flags: []cli.Flag{
			flag("log", cli.Text("DIR", &log).Must(), "the folder of the log, or a copy of it"),
			flag("log-key", logKeyValue(&key).Must(), logKeyHelp),
			flag("o", cli.Text("FILE", &out), "where the proof goes; standard output unless given"),
			flag("receipt", cli.Text("FILE", &into), "where the receipt goes; nowhere unless given"),
		},
	}
	v.Run = func(ctx context.Context, args []string) error {
		if err := isFolder(log); err != nil {
			return err
		}
		p, err := receipt.OpenPublished(os.DirFS(log), key)
		if err != nil {
			return receiptFailure(err)
		}
		index, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			id, wrong := decisionID(args[0])
			if wrong != nil {
				return v.Wrong("%w; the place of a receipt in the log is a number", wrong)
			}
			index, err = p.Find(ctx, decisionURN+id)
		}
		if err != nil {
			return receiptFailure(err)
		}
		r, proof, err := p.Prove(ctx, index)
		if err != nil {
			return receiptFailure(err)
		}
		text, err := proof.MarshalText()
		if err != nil {
			return err
		}
		if into != "" {
			if err := a.write(into, []byte(r.Text()+"\n")); err != nil {
				return err
			}
		}
		return a.handOver(out, bytes.TrimSuffix(text, []byte("\n")), "receipt-proof", view.Page{
			member("id", r.ID()), member("index", index), member("size", p.Checkpoint().Size),
			member("receipt", json.RawMessage(r.Text())), member("proof", string(text)),
		}, func() { a.note("%s is entry %d of %d", r.ID(), index, p.Checkpoint().Size) })
	}
	return v
}

// receiptFailure is why a receipt does not hold, or is not in a log.
func receiptFailure(err error) error {
	f := &failure{Exit: exitDenied, Err: err}
	switch {
	case errors.Is(err, did.ErrUnavailable), errors.Is(err, did.ErrNotFound), errors.Is(err, did.ErrMethodNotSupported):
		f.Exit = exitUndetermined
		f.Hint("-did-docs names a folder with the document of the verifier; -web fetches that of a did:web")
	case errors.Is(err, receipt.ErrNotFound):
		f.Hint("what came after the checkpoint is not published yet")
	case errors.Is(err, receipt.ErrDamaged):
		f.Exit = exitIO
		f.Hint("is it the folder of the log, or a whole copy of it, and its key?")
	}
	return f
}
