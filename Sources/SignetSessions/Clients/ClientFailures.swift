import SignetTokens
import Synchronization

/// Failed client authentications of one server process, by client and by the address that they came from.
///
/// A client that strangers guess at is not locked out: the right secret, from an address that has not failed, is always looked at.
final class ClientFailures: Sendable {
    private struct State {
        var clients = FailureThrottle<ClientID>(free: 10)
        /// More than one client may stand behind one address.
        var addresses = FailureThrottle<NetworkAddress?>(free: 20)
    }

    private let state = Mutex(State())

    /// How long a client at an address has to wait before its secret is looked at.
    func wait(for client: ClientID, at address: NetworkAddress?, now: UnixTime) -> Duration {
        state.withLock { state in
            let own = state.addresses.wait(for: address, at: now)
            guard state.addresses.hasFailed(address, at: now) else { return own }
            return max(own, state.clients.wait(for: client, at: now))
        }
    }

    /// Remembers a failure.
    func fail(_ client: ClientID, at address: NetworkAddress?, now: UnixTime) {
        state.withLock { state in
            state.clients.fail(client, at: now)
            state.addresses.fail(address, at: now)
        }
    }
}

/// Too many authentications of this client, or from this address, have failed; the credentials were not even looked at.
package struct ClientAuthenticationThrottled: Refusal, Equatable {
    /// How long to wait.
    package let wait: Duration

    package init(wait: Duration) {
        self.wait = wait
    }

    package var code: RefusalCode { .tooManyRequests }
    package var sentence: String {
        "Too many authentications of this client have failed; check its client_secret, and try again later."
    }
    package var reason: String { "client_authentication_failures" }
    package var retryAfter: Int? { Int((wait + .milliseconds(999)).components.seconds) }
}
