package import SignetTokens

/// A lifetime that ends, or does not.
package enum Lifetime: Hashable, Sendable {
    case limited(Duration)
    case never

    /// The span; `nil` is for ever.
    package var duration: Duration? {
        if case .limited(let duration) = self { duration } else { nil }
    }
}

/// How one client's sessions live; `nil` leaves the value to the server's defaults.
package struct ClientPolicy: Hashable, Sendable {
    package var rotates: Bool
    package var window: Duration?
    package var accessLifetime: Duration?
    package var idleLifetime: Lifetime?
    package var absoluteLifetime: Lifetime?
    /// How many of them one user may have at a time; `nil` is any number.
    package var sessionLimit: SessionLimit?

    package init(
        rotates: Bool = true, window: Duration? = nil, accessLifetime: Duration? = nil, idleLifetime: Lifetime? = nil,
        absoluteLifetime: Lifetime? = nil, sessionLimit: SessionLimit? = nil
    ) {
        self.rotates = rotates
        self.window = window
        self.accessLifetime = accessLifetime
        self.idleLifetime = idleLifetime
        self.absoluteLifetime = absoluteLifetime
        self.sessionLimit = sessionLimit
    }

    /// The policy that holds, with the server's defaults filled in.
    package func resolved(with defaults: PolicyDefaults) -> ResolvedPolicy {
        ResolvedPolicy(
            accessLifetime: accessLifetime ?? defaults.accessLifetime,
            renewal: RenewalPolicy(
                rotates: rotates, window: window ?? defaults.window,
                idleLifetime: (idleLifetime ?? defaults.idleLifetime).duration,
                absoluteLifetime: (absoluteLifetime ?? defaults.absoluteLifetime).duration
            )
        )
    }
}

/// What holds for clients that say nothing else.
package struct PolicyDefaults: Hashable, Sendable {
    package var accessLifetime: Duration
    package var idleLifetime: Lifetime
    package var absoluteLifetime: Lifetime
    package var window: Duration

    /// 5 minutes, 30 days, 1 year, 60 s.
    package init(
        accessLifetime: Duration = .seconds(300), idleLifetime: Lifetime = .limited(.seconds(30 * 86_400)),
        absoluteLifetime: Lifetime = .limited(.seconds(365 * 86_400)), window: Duration = .seconds(60)
    ) {
        self.accessLifetime = accessLifetime
        self.idleLifetime = idleLifetime
        self.absoluteLifetime = absoluteLifetime
        self.window = window
    }
}

/// A client's policy with nothing left open.
package struct ResolvedPolicy: Hashable, Sendable {
    package var accessLifetime: Duration
    package var renewal: RenewalPolicy

    /// What is wrong with it, in one sentence; `nil` when it can be kept.
    package var objection: String? {
        guard (.seconds(1) ... .seconds(3600)).contains(accessLifetime) else {
            return "The access lifetime must be between 1s and 1h."
        }
        guard (.zero ... .seconds(3600)).contains(renewal.window) else { return "The window must be between 0s and 1h." }
        if let idle = renewal.idleLifetime, idle < accessLifetime {
            return "The idle lifetime must not be shorter than the access lifetime."
        }
        guard let absolute = renewal.absoluteLifetime else { return nil }
        guard let idle = renewal.idleLifetime, idle <= absolute else {
            return "The absolute lifetime must not be shorter than the idle lifetime."
        }
        return nil
    }
}
