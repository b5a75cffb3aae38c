package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// authority is the certificate authority of one control plane, and the folder of what it issued.
type authority struct {
	folder string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
}

func newAuthority(folder string) (*authority, error) {
	id := []byte("drillmaster-test-ca")
	a := &authority{folder: folder}
	var err error
	if a.key, err = a.newKey("ca"); err != nil {
		return nil, err
	}
	// Without keyUsage and the identifiers of the keys, Python 3.13 and newer refuse it.
	a.cert = template("drill-test-ca", nil)
	a.cert.IsCA, a.cert.BasicConstraintsValid = true, true
	a.cert.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	a.cert.SubjectKeyId, a.cert.AuthorityKeyId = id, id
	return a, a.sign("ca", a.cert, a.key)
}

// issue writes NAME.crt and NAME.key, for a client and, at the addresses, a server.
func (a *authority) issue(name, user string, groups []string, addresses ...net.IP) error {
	key, err := a.newKey(name)
	if err != nil {
		return err
	}
	cert := template(user, groups)
	cert.KeyUsage = x509.KeyUsageDigitalSignature
	cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	cert.IPAddresses, cert.DNSNames = addresses, []string{"localhost"}
	return a.sign(name, cert, key)
}

// kubeconfig writes NAME.kubeconfig, for a user of the server.
func (a *authority) kubeconfig(name, user, server string, groups ...string) error {
	if err := a.issue(name, user, groups); err != nil {
		return err
	}
	config := api.NewConfig()
	config.Clusters["drill-test"] = &api.Cluster{
		Server: server, CertificateAuthority: a.path("ca.crt"),
	}
	config.AuthInfos[name] = &api.AuthInfo{
		ClientCertificate: a.path(name + ".crt"), ClientKey: a.path(name + ".key"),
	}
	config.Contexts[name] = &api.Context{Cluster: "drill-test", AuthInfo: name}
	config.CurrentContext = name
	return clientcmd.WriteToFile(*config, a.path(name+".kubeconfig"))
}

func (a *authority) path(name string) string { return filepath.Join(a.folder, name) }

func (a *authority) newKey(name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, a.write(name+".key", "EC PRIVATE KEY", der)
}

func (a *authority) sign(name string, cert *x509.Certificate, key *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return err
	}
	return a.write(name+".crt", "CERTIFICATE", der)
}

func (a *authority) write(name, kind string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return os.WriteFile(a.path(name), text, 0o600)
}

func template(user string, groups []string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		panic(err) // there is no randomness
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: user, Organization: groups},
		// A test may set the clock; two days on either side are enough.
		NotBefore: time.Now().Add(-48 * time.Hour),
		NotAfter:  time.Now().Add(48 * time.Hour),
	}
}
