package statuslist

import "github.com/safeconduct/safeconduct/credential"

var kindBitstring = kind{
	name:      "BitstringStatusList",
	stateURL:  "url",
	mediaType: "application/vc",
	purposes:  []Purpose{Revocation, Suspension, Refresh, Message},
	maxSize:   MaxSize,
	texts:     true,

	unpack: func(text string, _ int, caps caps) ([]byte, error) {
		return inflate(text, caps, multibaseText)
	},

	vc: &vcForm{
		version:  2,
		contexts: []string{credential.ContextV2},
		from:     "validFrom", until: "validUntil",
		ttl: true, manyPurposes: true,
	},
}
