// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {DealTerms} from "./DealTerms.sol";
import {ExactToken} from "./ExactToken.sol";

/// @title Deals about resources: a signed offer, a signed acceptance, and a deposit that is earned by the second
/// @notice A deal ends without anybody's help: when its deposit is used up and the grace is over nothing is owed. What was earned in
/// the last seconds (`window`) stays here while the deal runs and until `window` after its end, so that the tenant can object. A
/// deposit leaves to the two parties of its deal only, and nobody is paid for time that has not passed.
/// @dev No admin, no upgrade. Everything is accounted when somebody touches a deal; a view tells what it would be now.
contract Deals is DealTerms, ReentrancyGuardTransient {
    using ExactToken for IERC20;

    enum State {
        None,
        Agreed,
        Active,
        Grace,
        Ended,
        Disputed,
        Closed
    }

    struct Deal {
        address tenant;
        State state;
        address provider;
        address token;
        address arbiter;
        uint16 fallbackShare;
        bool whole;
        bytes32 node;
        bytes32 spec;
        uint128 rate;
        /// Not yet earned.
        uint128 balance;
        /// Earned, and still here.
        uint128 earned;
        /// Earned up to here, in seconds since 1970. In grace: when the deposit was used up. Agreed: until when it must start.
        uint64 clock;
        /// 0, or when it ends.
        uint64 stopAt;
        uint64 disputedAt;
        uint32 grace;
        uint32 window;
        uint32 notice;
        uint32 refunds;
    }

    /// Seconds in which an arbiter decides; after that the fallback of the offer holds.
    uint64 public constant ARBITER_TIME = 30 days;
    uint32 public constant WINDOW_MAX = 30 days;
    uint32 public constant GRACE_MAX = 90 days;
    uint32 public constant NOTICE_MAX = 90 days;
    uint32 public constant START_MAX = 30 days;

    mapping(bytes32 id => Deal) private _deals;
    /// Deals made of an offer; the greatest number: the provider took it back.
    mapping(bytes32 offer => uint32) public used;
    /// What can be withdrawn.
    mapping(address token => mapping(address who => uint256)) public owed;
    /// All that this contract owes in a token: in deals and to withdraw.
    mapping(address token => uint256) public held;
    /// Deals that run on a node of a provider's, in all and of one tenant.
    mapping(address provider => mapping(bytes32 node => uint256)) public running;
    mapping(address provider => mapping(bytes32 node => mapping(address tenant => uint256))) public runningOf;
    mapping(address provider => mapping(bytes32 node => bytes32 deal)) public reservation;

    event OfferTakenBack(bytes32 indexed offer);
    event Agreed(bytes32 indexed deal, address indexed provider, address indexed tenant, bytes32 offer, uint128 deposit);
    event Started(bytes32 indexed deal, bytes32 spec);
    event ToppedUp(bytes32 indexed deal, address indexed by, uint128 amount);
    event Earned(bytes32 indexed deal, uint128 amount, uint64 until);
    event Released(bytes32 indexed deal, uint128 toProvider);
    event Refunded(bytes32 indexed deal, uint32 index, uint128 amount);
    event NoticeGiven(bytes32 indexed deal, uint64 stopAt);
    event Ended(bytes32 indexed deal, uint64 when, uint128 toTenant);
    event Disputed(bytes32 indexed deal, uint128 amount, bytes32 reason);
    event Closed(bytes32 indexed deal, uint128 toProvider, uint128 toTenant);
    event Withdrawn(address indexed token, address indexed who, uint256 amount);

    error BadTerms();
    error OfferOver();
    error OfferUsedUp();
    error BadOfferSignature();
    error BadAcceptance();
    error BadAcceptanceSignature();
    error DealExists();
    error NodeReserved();
    error NotParty();
    error WrongState(State state);
    error WrongSpec();
    error TooLate();
    error TooMuch();
    error WrongIndex();
    error BadSignature();
    error NothingOwed();

    // ---- making a deal

    /// @notice No more deals are made of this offer. Those that were made stay.
    function takeBack(Offer calldata o) external {
        if (msg.sender != o.provider) revert NotParty();
        bytes32 digest = offerDigest(o);
        used[digest] = type(uint32).max;
        emit OfferTakenBack(digest);
    }

    /// @notice Make a deal of an offer and an acceptance, both signed. Anybody may hand them in; the deposit is taken from the
    /// tenant, who allowed it to this contract. The deal's id is the digest of the acceptance, so each is good for one.
    function agree(Offer calldata o, bytes calldata offerSignature, Acceptance calldata a, bytes calldata acceptanceSignature)
        external
        nonReentrant
        returns (bytes32 id)
    {
        if (
            o.window > WINDOW_MAX || o.grace > GRACE_MAX || o.notice > NOTICE_MAX || o.startWithin > START_MAX
                || o.fallbackShare > 10_000 || o.provider == a.tenant || o.arbiter == o.provider || o.arbiter == a.tenant
        ) revert BadTerms();
        bytes32 offer = offerDigest(o);
        id = acceptanceDigest(a);
        if (_deals[id].state != State.None) revert DealExists();
        if (block.timestamp >= o.expires) revert OfferOver();
        if (used[offer] >= o.times) revert OfferUsedUp();
        if (
            a.offer != offer || block.timestamp >= a.expires || a.deposit < o.minDeposit
                || (o.tenant != address(0) && o.tenant != a.tenant)
        ) revert BadAcceptance();
        if (!SignatureChecker.isValidSignatureNow(o.provider, offer, offerSignature)) revert BadOfferSignature();
        if (!SignatureChecker.isValidSignatureNow(a.tenant, id, acceptanceSignature)) revert BadAcceptanceSignature();
        used[offer] += 1;
        _reserve(id, o.provider, o.node, a.tenant, o.whole);
        _deals[id] = Deal({
            tenant: a.tenant,
            state: State.Agreed,
            provider: o.provider,
            token: o.token,
            arbiter: o.arbiter,
            fallbackShare: o.fallbackShare,
            whole: o.whole,
            node: o.node,
            spec: o.spec,
            rate: o.rate,
            balance: a.deposit,
            earned: 0,
            clock: uint64(block.timestamp) + o.startWithin,
            stopAt: 0,
            disputedAt: 0,
            grace: o.grace,
            window: o.window,
            notice: o.notice,
            refunds: 0
        });
        _take(o.token, a.tenant, a.deposit);
        emit Agreed(id, o.provider, a.tenant, offer, a.deposit);
    }

    /// @notice The provider has started what was agreed on: from now on it earns.
    /// @param spec Hash of the manifest of what it started; another than the agreed one is refused.
    function start(bytes32 id, bytes32 spec) external {
        Deal storage d = _deals[id];
        if (msg.sender != d.provider) revert NotParty();
        if (d.state != State.Agreed) revert WrongState(d.state);
        if (block.timestamp > d.clock) revert TooLate();
        if (spec != d.spec) revert WrongSpec();
        d.state = State.Active;
        d.clock = uint64(block.timestamp);
        emit Started(id, spec);
    }

    // ---- while it runs

    /// @notice Add to the deposit; anybody may. In grace the deal goes on from now, and the time between costs nothing.
    function topUp(bytes32 id, uint128 amount) external nonReentrant {
        Deal storage d = _deals[id];
        _account(id, d);
        if (d.state != State.Agreed && d.state != State.Active && d.state != State.Grace) revert WrongState(d.state);
        d.balance += amount;
        if (d.state == State.Grace && d.balance >= d.rate) {
            d.state = State.Active;
            d.clock = uint64(block.timestamp);
        }
        _take(d.token, msg.sender, amount);
        emit ToppedUp(id, msg.sender, amount);
    }

    /// @notice Account for the time that passed, and hand the provider what nobody can object to any more. Anybody may.
    function settle(bytes32 id) external {
        Deal storage d = _deals[id];
        _account(id, d);
        _release(id, d);
    }

    /// @notice Give the tenant back some of what was earned: both signed it, and each refund is good once.
    function refund(Refund calldata r, bytes calldata providerSignature, bytes calldata tenantSignature) external {
        Deal storage d = _deals[r.deal];
        _account(r.deal, d);
        if (d.state != State.Active && d.state != State.Grace && d.state != State.Ended && d.state != State.Disputed) {
            revert WrongState(d.state);
        }
        if (r.index != d.refunds) revert WrongIndex();
        if (r.amount > d.earned) revert TooMuch();
        _bothSigned(d, refundDigest(r), providerSignature, tenantSignature);
        d.refunds += 1;
        d.earned -= r.amount;
        owed[d.token][d.tenant] += r.amount;
        emit Refunded(r.deal, r.index, r.amount);
    }

    /// @notice End a deal. The tenant: at once; the provider: after its notice. What was not earned is the tenant's to withdraw.
    function end(bytes32 id) external {
        Deal storage d = _deals[id];
        _account(id, d);
        if (msg.sender == d.tenant) {
            // Until it has started a provider has its time to do so: what was agreed binds both.
            if (d.state == State.Agreed && block.timestamp <= d.clock) revert WrongState(d.state);
            if (d.state != State.Agreed && d.state != State.Active && d.state != State.Grace) revert WrongState(d.state);
            _finish(id, d, uint64(block.timestamp));
        } else if (msg.sender == d.provider) {
            if (d.state == State.Agreed) {
                _finish(id, d, uint64(block.timestamp));
            } else {
                if (d.state != State.Active && d.state != State.Grace) revert WrongState(d.state);
                if (d.stopAt != 0) revert WrongState(d.state);
                d.stopAt = uint64(block.timestamp) + d.notice;
                emit NoticeGiven(id, d.stopAt);
                _account(id, d);
            }
        } else {
            revert NotParty();
        }
    }

    // ---- objections

    /// @notice The tenant objects to what was earned in the last `window` seconds of service. The deal ends by that.
    /// @param reason Hash of what is objected to.
    function dispute(bytes32 id, bytes32 reason) external {
        Deal storage d = _deals[id];
        if (msg.sender != d.tenant) revert NotParty();
        _account(id, d);
        if (d.state == State.Active || d.state == State.Grace) _finish(id, d, uint64(block.timestamp));
        if (d.state != State.Ended || block.timestamp >= uint256(d.stopAt) + d.window) revert WrongState(d.state);
        _releaseAbove(id, d, uint256(d.rate) * d.window);
        d.state = State.Disputed;
        d.disputedAt = uint64(block.timestamp);
        emit Disputed(id, d.earned, reason);
    }

    /// @notice The arbiter of the offer decides.
    function resolve(bytes32 id, uint128 toProvider) external {
        Deal storage d = _deals[id];
        if (msg.sender != d.arbiter) revert NotParty();
        if (block.timestamp >= d.disputedAt + ARBITER_TIME && d.disputedAt != 0) revert TooLate();
        _close(id, d, toProvider);
    }

    /// @notice Both parties found an end themselves.
    function resolveTogether(Settlement calldata s, bytes calldata providerSignature, bytes calldata tenantSignature) external {
        Deal storage d = _deals[s.deal];
        _bothSigned(d, settlementDigest(s), providerSignature, tenantSignature);
        _close(s.deal, d, s.toProvider);
    }

    /// @notice Nobody decided in time: what the offer says for that holds. Anybody may.
    function resolveLate(bytes32 id) external {
        Deal storage d = _deals[id];
        if (d.state != State.Disputed || block.timestamp < d.disputedAt + ARBITER_TIME) revert WrongState(d.state);
        _close(id, d, uint128(uint256(d.earned) * d.fallbackShare / 10_000));
    }

    // ---- money out

    /// @notice Pay the caller what is theirs.
    function withdraw(address token) external nonReentrant returns (uint256 paid) {
        uint256 amount = owed[token][msg.sender];
        if (amount == 0) revert NothingOwed();
        owed[token][msg.sender] = 0;
        uint256 before = held[token];
        held[token] = before - amount;
        paid = IERC20(token).pay(msg.sender, amount, before);
        emit Withdrawn(token, msg.sender, paid);
    }

    // ---- looking

    /// @notice A deal as it was when it was last touched.
    function get(bytes32 id) external view returns (Deal memory) {
        return _deals[id];
    }

    /// @notice What touching it would make of it now.
    /// @return state Agreed also when the time to start is over: then either may end it.
    /// @return earned still here
    /// @return balance not yet earned
    /// @return runsOutAt when the deposit is used up at this rate; of a deal that does not run, or costs nothing, 0
    function statusOf(bytes32 id)
        external
        view
        returns (State state, uint128 earned, uint128 balance, uint64 runsOutAt)
    {
        Deal memory d = _deals[id];
        (State next, uint128 more, uint64 clock) = _due(d);
        state = next;
        earned = d.earned + more;
        balance = d.balance - more;
        if (state == State.Active && d.rate != 0) {
            uint256 when = uint256(clock) + balance / d.rate;
            runsOutAt = when > type(uint64).max ? type(uint64).max : uint64(when);
        }
        // What was not earned goes to the tenant as soon as it is touched.
        if (state == State.Ended && d.state != State.Ended) balance = 0;
    }

    // ---- inside

    /// What has become of a deal: its state, what was earned since, and up to when.
    function _due(Deal memory d) private view returns (State state, uint128 more, uint64 clock) {
        state = d.state;
        clock = d.clock;
        uint64 until = uint64(block.timestamp);
        bool stops = d.stopAt != 0 && d.stopAt <= until;
        if (state == State.Active) {
            if (stops) until = d.stopAt;
            uint256 passed = until - d.clock;
            uint256 affordable = d.rate == 0 ? passed : d.balance / d.rate;
            if (passed < affordable || d.rate == 0) {
                more = uint128(passed * d.rate);
                clock = until;
            } else {
                more = uint128(affordable * d.rate);
                clock = d.clock + uint64(affordable);
                state = State.Grace;
            }
            if (stops) state = State.Ended;
        } else if (state == State.Grace && stops) {
            state = State.Ended;
        }
        if (state == State.Grace && block.timestamp > uint256(clock) + d.grace) state = State.Ended;
    }

    function _account(bytes32 id, Deal storage d) private {
        (State state, uint128 more, uint64 clock) = _due(d);
        if (more != 0) {
            d.balance -= more;
            d.earned += more;
            emit Earned(id, more, clock);
        }
        if (state == d.state) {
            if (state == State.Active) d.clock = clock;
            return;
        }
        d.clock = clock;
        if (state == State.Ended) {
            // The window begins when service ended: by notice, or when grace was over.
            uint64 over = d.stopAt;
            if (over == 0 || over > block.timestamp) over = clock + d.grace;
            _finish(id, d, over);
        } else {
            d.state = state;
        }
    }

    function _finish(bytes32 id, Deal storage d, uint64 when) private {
        bool started = d.state != State.Agreed;
        uint128 back = d.balance;
        d.balance = 0;
        d.state = State.Ended;
        d.stopAt = when;
        if (!started) d.window = 0;
        owed[d.token][d.tenant] += back;
        running[d.provider][d.node] -= 1;
        runningOf[d.provider][d.node][d.tenant] -= 1;
        if (reservation[d.provider][d.node] == id) delete reservation[d.provider][d.node];
        emit Ended(id, when, back);
    }

    function _release(bytes32 id, Deal storage d) private {
        if (d.state == State.Active || d.state == State.Grace) {
            _releaseAbove(id, d, uint256(d.rate) * d.window);
        } else if (d.state == State.Ended) {
            if (block.timestamp >= uint256(d.stopAt) + d.window) {
                uint128 all = d.earned;
                d.earned = 0;
                d.state = State.Closed;
                owed[d.token][d.provider] += all;
                emit Closed(id, all, 0);
            } else {
                _releaseAbove(id, d, uint256(d.rate) * d.window);
            }
        }
    }

    function _releaseAbove(bytes32 id, Deal storage d, uint256 kept) private {
        if (d.earned <= kept) return;
        uint128 free = d.earned - uint128(kept);
        d.earned -= free;
        owed[d.token][d.provider] += free;
        emit Released(id, free);
    }

    function _close(bytes32 id, Deal storage d, uint128 toProvider) private {
        if (d.state != State.Disputed) revert WrongState(d.state);
        if (toProvider > d.earned) revert TooMuch();
        uint128 toTenant = d.earned - toProvider;
        d.earned = 0;
        d.state = State.Closed;
        owed[d.token][d.provider] += toProvider;
        owed[d.token][d.tenant] += toTenant;
        emit Closed(id, toProvider, toTenant);
    }

    function _reserve(bytes32 id, address provider, bytes32 node, address tenant, bool whole) private {
        bytes32 by = reservation[provider][node];
        if (by != 0 && _deals[by].tenant != tenant) revert NodeReserved();
        if (whole) {
            if (by != 0 || running[provider][node] != runningOf[provider][node][tenant]) revert NodeReserved();
            reservation[provider][node] = id;
        }
        running[provider][node] += 1;
        runningOf[provider][node][tenant] += 1;
    }

    function _bothSigned(Deal storage d, bytes32 digest, bytes calldata providerSignature, bytes calldata tenantSignature)
        private
        view
    {
        if (
            d.state == State.None || !SignatureChecker.isValidSignatureNow(d.provider, digest, providerSignature)
                || !SignatureChecker.isValidSignatureNow(d.tenant, digest, tenantSignature)
        ) revert BadSignature();
    }

    function _take(address token, address from, uint128 amount) private {
        uint256 before = held[token];
        held[token] = before + amount;
        IERC20(token).take(from, amount, before);
    }
}
