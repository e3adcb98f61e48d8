import Testing

extension Installation {
    /// Runs the server under TLS, with a certificate of its own, while `body` does, which is given its URL and the certificate's file.
    func serveSecurely<Result>(
        _ body: (_ server: SignetProcess, _ url: String, _ certificate: String) async throws -> Result
    ) async throws -> Result {
        let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
        let made = try await Tool.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ])
        try #require(made.exit == .status(0), "\(made.errors)")
        let url = "https://127.0.0.1:\(port)"
        let arguments =
            serving().filter { $0 != issuer && $0 != "--issuer" }
            + ["--tls-certificate", certificate, "--tls-key", key, "--issuer", url]
        return try await SignetProcess.run("signet", arguments) { server in
            let ready = try await server.ready()
            #expect(ready == url)
            return try await body(server, url, certificate)
        }
    }
}
