package didweb

import (
	"fmt"

	"github.com/safeconduct/safeconduct/did"
)

// MediaType is what a published document is served as.
const MediaType = "application/did+json"

// A File is a DID document to publish.
type File struct {
	URL       string // the address under which resolvers look for it
	Path      string // the same, below the root of the host: ".well-known/did.json"
	MediaType string // the Content-Type to serve it with
	Body      []byte // the document; to be served byte for byte, uncompressed
}

// Publish returns the file to publish for a document of a did:web. It fails as
// [URL] does, and with [did.ErrInvalidDocument] for a nil document.
func Publish(doc *did.Document) (File, error) {
	if doc == nil {
		return File{}, fmt.Errorf("%w: nil", did.ErrInvalidDocument)
	}
	l, err := locate(doc.ID())
	if err != nil {
		return File{}, err
	}
	return File{
		URL:       "https://" + l.authority() + "/" + l.file(),
		Path:      l.file(),
		MediaType: MediaType,
		Body:      doc.Bytes(),
	}, nil
}
