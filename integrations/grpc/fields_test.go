package verifygrpc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

// export is a method whose request has an int64, which ProtoJSON writes as a text.
const export = "/example.v1.Files/Export"

func files(s *shop) *grpc.ServiceDesc {
	return &grpc.ServiceDesc{ServiceName: "example.v1.Files", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
		MethodName: "Export",
		Handler: func(_ any, ctx context.Context, decode func(any) error, guard grpc.UnaryServerInterceptor) (any, error) {
			in := &errdetails.QuotaFailure_Violation{}
			if err := decode(in); err != nil {
				return nil, err
			}
			return guard(ctx, in, &grpc.UnaryServerInfo{FullMethod: export}, func(context.Context, any) (any, error) {
				s.ran.Add(1)
				return &emptypb.Empty{}, nil
			})
		}}}}
}

// A limit holds for a field of 64 bits, too. One that is too large for a double is not a
// number to any limit.
func TestAnInt64IsANumber(t *testing.T) {
	for rows, want := range map[int64]verify.Code{
		1: "", 100: "", 101: verify.AuthorityLimitExceeded, 1<<53 + 1: verify.AuthorityLimitExceeded,
	} {
		s := newShop(t, func(s *shop) {
			means := verifygrpc.Method{Call: meaning.Call{
				Action: "data.read", Resource: "/subject", Attributes: map[string]string{"rows": "/quotaValue"},
			}}
			s.config.Methods[export], s.client.Methods[export] = means, means
			s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
				p.Authority.Limits = []passport.Limit{passport.MaxOf("rows", 100)}
			}))}
			s.more = files(s)
		})
		err := s.presenting().Invoke(t.Context(), export,
			&errdetails.QuotaFailure_Violation{Subject: "t", QuotaValue: rows}, &emptypb.Empty{})
		if want == "" {
			require.NoError(t, err, rows)
			require.EqualValues(t, 1, s.ran.Load())
			continue
		}
		s.refused(err, want, codes.PermissionDenied)
	}
}

// A field of proto3 that has its zero value is not there, and states nothing: what it stands for
// is refused where the passport restricts it, and is within each maximum, as 0 is. One that is
// optional is stated, whatever it is.
func TestZeroValues(t *testing.T) {
	type message = errdetails.QuotaFailure_Violation
	param := func(p *passport.Passport) {
		p.Authority.Capabilities = []passport.Capability{{Action: "data.read", Params: []passport.Param{
			{Name: "max_rows", Kind: passport.ParamMax, Int: 100},
		}}}
	}
	rows := func(p *passport.Passport) { p.Authority.Limits = []passport.Limit{passport.MaxOf("rows", 100)} }
	some := func(p *passport.Passport) { p.Authority.Resources = []string{"t"} }
	all := func(*passport.Passport) {}
	attribute := func(pointer string) meaning.Call {
		return meaning.Call{Action: "data.read", Attributes: map[string]string{"rows": pointer}}
	}
	resource := meaning.Call{Action: "data.read", Resource: "/subject"}
	price := func(pointer string) meaning.Call {
		return meaning.Call{Action: "payments.charge", Amount: pointer, Currency: "USD", MinorUnits: true,
			Category: "compute", Rail: "tempo"}
	}
	for name, c := range map[string]struct {
		call    meaning.Call
		pass    func(*passport.Passport)
		message *message
		want    verify.Code
	}{
		"a number, limited":          {attribute("/quotaValue"), rows, &message{QuotaValue: 7}, ""},
		"zero, limited":              {attribute("/quotaValue"), rows, &message{}, ""},
		"zero, a parameter":          {attribute("/quotaValue"), param, &message{}, verify.AuthorityAttributeMissing},
		"zero, not limited":          {attribute("/quotaValue"), all, &message{}, ""},
		"optional zero, limited":     {attribute("/futureQuotaValue"), rows, &message{FutureQuotaValue: new(int64)}, ""},
		"optional zero, a parameter": {attribute("/futureQuotaValue"), param, &message{FutureQuotaValue: new(int64)}, ""},
		"optional, left out":         {attribute("/futureQuotaValue"), param, &message{}, verify.AuthorityAttributeMissing},
		"a text, limited":            {resource, some, &message{Subject: "t"}, ""},
		"no text, limited":           {resource, some, &message{}, verify.AuthorityResourceNotAllowed},
		"no text, not limited":       {resource, all, &message{}, ""},
		"an amount":                  {price("/quotaValue"), all, &message{QuotaValue: 7}, ""},
		"an amount of zero":          {price("/quotaValue"), all, &message{}, verify.AuthorityAttributeMissing},
		"an optional amount of zero": {price("/futureQuotaValue"), all, &message{FutureQuotaValue: new(int64)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, func(s *shop) {
				means := verifygrpc.Method{Call: c.call}
				s.config.Methods[export], s.client.Methods[export] = means, means
				s.client.Chain = passport.Chain{s.Issue(s.Passport(c.pass))}
				s.more = files(s)
			})
			err := s.presenting().Invoke(t.Context(), export, c.message, &emptypb.Empty{})
			if c.want == "" {
				require.NoError(t, err)
				require.EqualValues(t, 1, s.ran.Load())
				return
			}
			if p, ok := verifygrpc.ReadRefusal(err); ok {
				require.Equal(t, c.want, p.Code)
			} else {
				require.ErrorIs(t, err, c.want, "the agent is told before it signs")
			}
			require.Zero(t, s.ran.Load())
		})
	}
}

// A pointer that leads nowhere is found before the server serves: what it stands for would
// never be stated.
func TestCoversPointers(t *testing.T) {
	const charge = service + "UnaryCall"
	for pointer, found := range map[string]bool{
		"/responseSize": true, "/payload/body": true, "/payload": true, "/responseStatus/code": true,
		"/orcaPerQueryReport/requestCost/cpu": true,
		"/response_size":                      false, "/nothing": false, "/": false,
		"/payload/body/0": false, "/payload/bdy": false,
	} {
		s := newShop(t, func(s *shop) {
			s.config.Methods[charge] = verifygrpc.Method{Call: meaning.Call{Action: "data.read", Resource: pointer}}
		})
		guard, err := verifygrpc.New(s.config)
		require.NoError(t, err)
		err = guard.Covers(s.server)
		if found {
			require.NotContains(t, err.Error(), "leads to no field")
			continue
		}
		require.ErrorContains(t, err, "the pointer "+pointer+" of "+charge+" leads to no field of grpc.testing.SimpleRequest")
	}
}
