import SignetTokens

extension Client {
    /// What has changed since it was as `before`, by the names under which operators see it.
    ///
    /// Who a client is, what it may do and whether it has a secret stays for good: apps and APIs rely on it.
    /// - Throws: ``ClientRefusal``, `builtInIdentity`: of a built-in client only the policy can change.
    package func changes(since before: Client) throws(ClientRefusal) -> [String] {
        let identity = [
            ("name", name != before.name), ("scope", scope != before.scope || defaultScope != before.defaultScope),
            ("resources", resources != before.resources), ("redirect_uris", redirectURIs != before.redirectURIs),
        ]
        let (old, new) = (before.policy, policy)
        let changedPolicy = [
            ("window", new.window != old.window), ("access_lifetime", new.accessLifetime != old.accessLifetime),
            ("idle_lifetime", new.idleLifetime != old.idleLifetime),
            ("absolute_lifetime", new.absoluteLifetime != old.absoluteLifetime),
            ("sessions_per_user", new.sessionLimit != old.sessionLimit),
        ]
        guard !id.isBuiltIn || identity.allSatisfy({ !$0.1 }) else { throw .builtInIdentity }
        return (identity + changedPolicy).filter(\.1).map(\.0)
    }
}
