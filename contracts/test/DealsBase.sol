// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deals} from "../src/Deals.sol";
import {DealTerms} from "../src/DealTerms.sol";
import {Test} from "./Vm.sol";
import {Coin} from "./Tokens.sol";

/// A provider, a tenant, an arbiter and a coin.
abstract contract DealsBase is Test {
    uint256 internal constant PROVIDER = 0xa11ce;
    uint256 internal constant TENANT = 0xb0b;
    uint256 internal constant OTHER = 0xca7;
    address internal immutable provider = vm.addr(PROVIDER);
    address internal immutable tenant = vm.addr(TENANT);
    address internal immutable other = vm.addr(OTHER);
    address internal constant arbiter = address(0xa4b1);
    bytes32 internal constant SPEC = keccak256("what runs");
    uint128 internal constant RATE = 7;
    uint256 internal constant BEGIN = 1_800_000_000;

    Deals internal deals;
    Coin internal coin;
    uint256 private _salt;

    function setUp() public virtual {
        vm.warp(BEGIN);
        deals = new Deals();
        coin = new Coin();
        fund(coin, tenant);
        fund(coin, other);
    }

    function fund(Coin token, address who) internal {
        token.mint(who, 1e24);
        vm.prank(who);
        token.approve(address(deals), type(uint256).max);
    }

    function offer() internal returns (DealTerms.Offer memory o) {
        o = DealTerms.Offer({
            provider: provider,
            tenant: address(0),
            node: bytes32("node"),
            spec: SPEC,
            token: address(coin),
            rate: RATE,
            minDeposit: 100,
            grace: 1 days,
            window: 1 hours,
            notice: 2 hours,
            startWithin: 10 minutes,
            arbiter: arbiter,
            fallbackShare: 2_500,
            whole: false,
            times: 1,
            expires: uint64(block.timestamp + 1 days),
            salt: ++_salt
        });
    }

    function acceptance(DealTerms.Offer memory o, address who, uint128 deposit) internal returns (DealTerms.Acceptance memory) {
        return DealTerms.Acceptance({
            offer: deals.offerDigest(o),
            tenant: who,
            deposit: deposit,
            expires: uint64(block.timestamp + 1 hours),
            salt: ++_salt
        });
    }

    function agree(DealTerms.Offer memory o, uint256 tenantKey, uint128 deposit) internal returns (bytes32) {
        DealTerms.Acceptance memory a = acceptance(o, vm.addr(tenantKey), deposit);
        return submit(o, a, tenantKey);
    }

    function submit(DealTerms.Offer memory o, DealTerms.Acceptance memory a, uint256 tenantKey) internal returns (bytes32) {
        bytes memory mine = signed(PROVIDER, deals.offerDigest(o));
        bytes memory theirs = signed(tenantKey, deals.acceptanceDigest(a));
        return deals.agree(o, mine, a, theirs);
    }

    /// A deal that runs since now.
    function running(uint128 deposit) internal returns (bytes32 id) {
        id = agree(offer(), TENANT, deposit);
        vm.prank(provider);
        deals.start(id, SPEC);
    }

    function pass(uint256 time) internal {
        vm.warp(block.timestamp + time);
    }

    function is_(bytes32 id, Deals.State state) internal view {
        (Deals.State now_,,,) = deals.statusOf(id);
        same(uint256(now_), uint256(state), "state");
    }

    function owed(address who) internal view returns (uint256) {
        return deals.owed(address(coin), who);
    }
}
