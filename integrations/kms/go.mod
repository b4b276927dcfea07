module github.com/safeconduct/safeconduct/integrations/kms

go 1.26.0

require (
	github.com/miekg/pkcs11 v1.1.2
	github.com/safeconduct/safeconduct v0.0.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/crypto v0.59.0
)

require (
	github.com/oklog/ulid/v2 v2.1.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.50.0 // indirect
)

replace github.com/safeconduct/safeconduct => ../..
