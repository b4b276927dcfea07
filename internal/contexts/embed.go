package contexts

import _ "embed"

//go:embed data/credentials-v1.jsonld
var credentialsV1 string

//go:embed data/credentials-v2.jsonld
var credentialsV2 string

//go:embed data/data-integrity-v1.jsonld
var dataIntegrityV1 string

//go:embed data/data-integrity-v2.jsonld
var dataIntegrityV2 string

//go:embed data/multikey-v1.jsonld
var multikeyV1 string

//go:embed data/jwk-v1.jsonld
var jwkV1 string

//go:embed data/status-list-2021-v1.jsonld
var statusList2021V1 string

//go:embed data/did-v1.jsonld
var didV1 string

//go:embed data/ed25519-2020-v1.jsonld
var ed25519Signature2020V1 string

//go:embed data/safeconduct-v1.jsonld
var safeconductV1 string

// The names of the embedded contexts.
const (
	CredentialsV1          = "https://www.w3.org/2018/credentials/v1"
	CredentialsV2          = "https://www.w3.org/ns/credentials/v2"
	DataIntegrityV1        = "https://w3id.org/security/data-integrity/v1"
	DataIntegrityV2        = "https://w3id.org/security/data-integrity/v2"
	MultikeyV1             = "https://w3id.org/security/multikey/v1"
	JWKV1                  = "https://w3id.org/security/jwk/v1"
	StatusList2021V1       = "https://w3id.org/vc/status-list/2021/v1"
	DIDV1                  = "https://www.w3.org/ns/did/v1"
	Ed25519Signature2020V1 = "https://w3id.org/security/suites/ed25519-2020/v1"
	SafeconductV1          = "https://w3id.org/safeconduct/v1"
)

// Source is one embedded context file.
type Source struct {
	URL      string
	Text     string // the JSON text, whose one member used is @context
	SHA256   string // hex digest of Text, pinned
	Official string // hex SHA-256 of what the URL serves, as its specification states it; "" if none is on record
	SRI      string // Subresource Integrity digest of what the URL serves; "" if none is on record
}

// Sources returns the embedded contexts. Text equals what the URL serves byte
// for byte where SHA256 and Official are equal, and in content elsewhere.
func Sources() []Source {
	return []Source{
		{CredentialsV1, credentialsV1,
			"ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
			"ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc", ""},
		{CredentialsV2, credentialsV2,
			"59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
			"59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
			"sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"},
		{DataIntegrityV1, dataIntegrityV1,
			"b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554", "", ""},
		{DataIntegrityV2, dataIntegrityV2,
			"67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
			"67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4", ""},
		{MultikeyV1, multikeyV1,
			"ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
			"ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597", ""},
		{JWKV1, jwkV1,
			"0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece",
			"0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece", ""},
		{StatusList2021V1, statusList2021V1,
			"6dd06a52bedb771e059c1083ba8ba7848dce22f6b4a8cfa0b98ba3fc188870e4",
			"6dd06a52bedb771e059c1083ba8ba7848dce22f6b4a8cfa0b98ba3fc188870e4", ""},
		{DIDV1, didV1,
			"62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f", "", ""},
		{Ed25519Signature2020V1, ed25519Signature2020V1,
			"b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588", "", ""},
		{SafeconductV1, safeconductV1,
			"1bdfeaebcd558488e665aca538349c61deb32cdfbc9411616fde123100eec85d", "", ""},
	}
}
