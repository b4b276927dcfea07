package aip1

import "slices"

// kind is the type of a member.
type kind uint8

const (
	textKind kind = iota
	integerKind
	floatKind
	boolKind
	instantKind
	wordKind   // one of some texts
	textsKind  // a list of texts
	objectKind // any JSON object
	nestedKind // an object of a model
	listKind   // a list of such
)

// field is a member of a model: one row for reading, for the signed bytes and
// for writing.
type field struct {
	name  string // on the wire
	own   string // the SDK's own name for it, which its reader takes as well
	kind  kind
	null  bool // may be null
	model *model
	words []string // of wordKind

	// absent is the JSON text that stands for a member that is not there, in the
	// compatible reading: "" if the SDK throws, drawn if it makes one up.
	absent string

	least, most float64 // of numbers; most zero: no bound
}

// drawn: the SDK draws a value, so nothing that was signed has it.
const drawn = "drawn"

// model is an object with known members.
type model struct {
	name   string
	fields []field
}

var (
	classifierModel = &model{"intent_classifier", []field{
		{name: "model", absent: `"aip-classifier-v1"`},
		{name: "confidence_threshold", kind: floatKind, absent: "0.95", most: 1},
	}}
	attestationModel = &model{"attestation", []field{
		{name: "method", kind: wordKind, words: []string{"self_reported", "framework_registry", "tee_hardware"},
			absent: `"framework_registry"`},
		{name: "framework_id", null: true, absent: "null"},
		{name: "build_hash", null: true, absent: "null"},
		{name: "system_prompt_hash", null: true, absent: "null"},
		{name: "registry_signature", null: true, absent: "null"},
		{name: "intent_classifier", kind: nestedKind, model: classifierModel, absent: "{}"},
	}}
	agentModel = &model{"agent", []field{
		{name: "id", absent: drawn},
		{name: "version", absent: `"1.0.0"`},
		{name: "runtime", absent: `"aip-sdk/0.1.0"`},
		{name: "attestation", kind: nestedKind, model: attestationModel, absent: "{}"},
	}}
	linkModel = &model{"delegation link", []field{
		{name: "from", own: "from_id"},
		{name: "to", own: "to_id"},
		{name: "scope"},
		{name: "boundary_monotonicity", kind: boolKind, absent: "true"},
		{name: "granted_at", kind: instantKind, absent: drawn},
		{name: "expires_at", kind: instantKind, null: true, absent: "null"},
	}}
	principalModel = &model{"principal", []field{
		{name: "type", absent: `"organization"`},
		{name: "id"},
		{name: "delegation_chain", kind: listKind, model: linkModel, absent: "[]"},
	}}
	intentModel = &model{"intent", []field{
		{name: "action"},
		{name: "target", absent: `""`},
		{name: "parameters", kind: objectKind, absent: "{}"},
	}}
	limitModel = &model{"monetary_limit", []field{
		{name: "per_transaction", kind: floatKind, absent: "0.0"},
		{name: "per_day", kind: floatKind, absent: "0.0"},
		{name: "currency", absent: `"USD"`},
	}}
	windowModel = &model{"time_window", []field{
		{name: "start", kind: instantKind},
		{name: "end", kind: instantKind},
	}}
	boundariesModel = &model{"boundaries", []field{
		{name: "allowed_actions", kind: textsKind, absent: "[]"},
		{name: "denied_actions", kind: textsKind, absent: "[]"},
		{name: "monetary_limit", kind: nestedKind, model: limitModel, absent: "{}"},
		{name: "data_access", kind: textsKind, absent: "[]"},
		{name: "geo_restriction", null: true, absent: "null"},
		{name: "time_window", kind: nestedKind, model: windowModel, null: true, absent: "null"},
	}}
	proofModel = &model{"proof", []field{
		{name: "type", absent: `"Ed25519Signature2020"`},
		{name: "created", kind: instantKind, absent: drawn},
		{name: "verification_method", absent: `""`},
		{name: "proof_purpose", absent: `"assertionMethod"`},
		{name: "proof_value", absent: `""`},
	}}
	envelopeModel = &model{typeEnvelope, []field{
		{name: "@context", own: "context", absent: `"https://aip.protocol/v1"`},
		{name: "@type", own: "type", absent: `"IntentEnvelope"`},
		{name: "protocol_version", absent: `"1.0.0"`},
		{name: "agent", kind: nestedKind, model: agentModel},
		{name: "principal", kind: nestedKind, model: principalModel},
		{name: "intent", kind: nestedKind, model: intentModel},
		{name: "boundaries", kind: nestedKind, model: boundariesModel},
		{name: "verification_tier", kind: wordKind, words: []string{string(Tier0), string(Tier1), string(Tier2)},
			absent: `"tier_1"`},
		{name: "entropy", absent: drawn},
		{name: "ttl", kind: integerKind, absent: "300", least: 1, most: 86400},
		{name: "issued_at", kind: instantKind, absent: drawn},
		{name: "expires_at", kind: instantKind, null: true, absent: "null"},
		{name: "proof", kind: nestedKind, model: proofModel, absent: "{}"},
	}}
	mandateModel = &model{typeMandate, []field{
		{name: "@context", own: "context", absent: `"https://aip.protocol/v1"`},
		{name: "@type", own: "type", absent: `"Mandate"`},
		{name: "mandate_id", absent: drawn},
		{name: "issuer"},
		{name: "subject"},
		{name: "boundaries", kind: nestedKind, model: boundariesModel},
		{name: "issued_at", kind: instantKind, absent: drawn},
		{name: "expires_at", kind: instantKind, null: true, absent: "null"},
		{name: "proof", kind: nestedKind, model: proofModel, absent: "{}"},
	}}
)

// record is an object of a model as it was read.
type record struct {
	model *model
	cells []cell
}

// cell is the value of one member.
type cell struct {
	null  bool
	drawn bool   // nothing signed has this value
	text  string // of texts and words; of numbers the source
	float float64
	truth bool
	at    moment
	list  []string
	any   *value
	rec   *record
	recs  []*record
}

// get returns the value at a path of names, an empty one if a record on the way
// is null.
func (r *record) get(path ...string) *cell {
	for i, name := range path {
		if r == nil {
			return &cell{null: true}
		}
		at := slices.IndexFunc(r.model.fields, func(f field) bool { return f.name == name })
		c := &r.cells[at]
		if i == len(path)-1 {
			return c
		}
		r = c.rec
	}
	return nil
}
