package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
)

type config struct {
	issuer   *did.KeyPair
	base     string // scheme and host, as clients see them
	now      func() time.Time
	resolver did.Resolver
}

// server answers VC-API requests. It decides nothing about proofs itself.
type server struct {
	config
	parser credential.Parser
	lists  *lists
}

func newServer(c config) (*server, error) {
	l, err := newLists(c)
	if err != nil {
		return nil, err
	}
	return &server{config: c, lists: l, parser: credential.Parser{
		Formats: []credential.Format{vcjwt.Format()}, Profile: credential.Conformance, StatusList: true,
	}}, nil
}

// secure is what one prefix secures documents with. All prefixes verify alike.
type secure struct {
	suite  string
	format credential.Format
	status bool // the credential gets a place on the list, and an issuer
}

var prefixes = map[string]secure{
	"/rdfc":   {suite: credential.SuiteRDFC},
	"/jcs":    {suite: credential.SuiteJCS},
	"/jwt":    {format: vcjwt.Format()},
	"/status": {suite: credential.SuiteRDFC, status: true},
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	for prefix, with := range prefixes {
		mux.Handle("POST "+prefix+"/credentials/issue", s.answer(http.StatusCreated, func(r *http.Request) (any, error) { return s.issueCredential(r, with) }))
		mux.Handle("POST "+prefix+"/presentations/issue",
			s.answer(http.StatusCreated, func(r *http.Request) (any, error) { return s.issuePresentation(r, with) }))
		mux.Handle("POST "+prefix+"/credentials/verify", s.answer(http.StatusOK, s.verifyCredential))
		mux.Handle("POST "+prefix+"/presentations/verify", s.answer(http.StatusOK, s.verifyPresentation))
	}
	mux.HandleFunc("GET "+listPath, s.serveList)
	mux.HandleFunc("GET /1.0/identifiers/{did...}", s.resolve)
	return mux
}

// answer turns what a handler returns into JSON, and its error into status 400.
func (s *server) answer(ok int, do func(r *http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result, err := do(r)
		if err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]any{"verified": false, "errors": []problem{problemOf(err)}})
			return
		}
		writeJSON(w, ok, result)
	})
}

// problem is one entry of the errors array.
type problem struct {
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
}

func problemOf(err error) problem {
	p := problem{Message: err.Error()}
	if e := (*credential.Error)(nil); errors.As(err, &e) {
		p.Code = string(e.Code)
	}
	return p
}

func writeJSON(w http.ResponseWriter, status int, v any) { writeAs(w, status, "application/json", v) }

// request is the body of all four endpoints. Unknown options are ignored, as
// the suites send some.
type request struct {
	Credential             json.RawMessage `json:"credential"`
	Presentation           json.RawMessage `json:"presentation"`
	VerifiableCredential   json.RawMessage `json:"verifiableCredential"`
	VerifiablePresentation json.RawMessage `json:"verifiablePresentation"`
	Options                struct {
		Purpose   string `json:"expectedProofPurpose"`
		Challenge string `json:"challenge"`
		Domain    texts  `json:"domain"`
	} `json:"options"`
}

// texts is one string or several.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = nil
		if one != "" {
			*t = texts{one}
		}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

const maxBody = 4 << 20

func read(r *http.Request) (*request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("a body of more than %d bytes", maxBody)
	}
	q := new(request)
	if err := json.Unmarshal(body, q); err != nil {
		return nil, fmt.Errorf("the body is no JSON object of the VC-API: %w", err)
	}
	return q, nil
}
