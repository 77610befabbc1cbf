// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Taking and paying ERC-20 tokens whose amounts are what they say
/// @notice A token that keeps a fee of each transfer, or whose balances change by themselves, breaks an escrow that other
/// people's money lies in too: it would owe more than it holds. Such a token is refused when money comes in. When money goes out
/// nothing is refused, because then somebody could not get what is theirs.
library ExactToken {
    using SafeERC20 for IERC20;

    /// @notice There is no contract at this address.
    error NotAToken(address token);
    /// @notice Not exactly the amount arrived: the token keeps a fee.
    error FeeOnTransfer(address token, uint256 asked, uint256 arrived);
    /// @notice The balances of this token change by themselves.
    error Rebasing(address token);

    /// @notice Take exactly `amount` from `from`, who allowed it.
    /// @param held What this contract owes in this token before, which it must be able to pay.
    function take(IERC20 token, address from, uint256 amount, uint256 held) internal {
        if (address(token).code.length == 0) revert NotAToken(address(token));
        uint256 before = token.balanceOf(address(this));
        // Less than it owes: the token took some back by itself. No more of it comes in.
        if (before < held || _hasShares(token)) revert Rebasing(address(token));
        token.safeTransferFrom(from, address(this), amount);
        uint256 arrived = token.balanceOf(address(this)) - before;
        if (arrived != amount) revert FeeOnTransfer(address(token), amount, arrived);
    }

    /// @notice Pay `amount`, or, of a token that took some back by itself, the same part of it that everybody gets.
    /// @param held What this contract owes in this token before, `amount` among it.
    function pay(IERC20 token, address to, uint256 amount, uint256 held) internal returns (uint256 paid) {
        uint256 there = token.balanceOf(address(this));
        paid = there < held ? amount * there / held : amount;
        token.safeTransfer(to, paid);
    }

    /// @dev Tokens that keep shares instead of balances say so by one of these: Lido, Aave, Ampleforth.
    function _hasShares(IERC20 token) private view returns (bool) {
        return _answers(token, abi.encodeWithSignature("sharesOf(address)", address(this)))
            || _answers(token, abi.encodeWithSignature("scaledBalanceOf(address)", address(this)));
    }

    function _answers(IERC20 token, bytes memory question) private view returns (bool) {
        (bool ok, bytes memory answer) = address(token).staticcall{gas: 100_000}(question);
        return ok && answer.length == 32;
    }
}
