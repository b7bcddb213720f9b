using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VpsAdmin.Server.Data.Migrations
{
    /// <inheritdoc />
    public partial class UsersAndIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_UserSessions_UserId",
                table: "UserSessions");

            migrationBuilder.DropIndex(
                name: "IX_Transactions_NodeId",
                table: "Transactions");

            migrationBuilder.DropIndex(
                name: "IX_TransactionChains_State",
                table: "TransactionChains");

            migrationBuilder.DropIndex(
                name: "IX_TransactionChains_UserId",
                table: "TransactionChains");

            migrationBuilder.DropIndex(
                name: "IX_SpaceSamples_DatasetId",
                table: "SpaceSamples");

            migrationBuilder.DropIndex(
                name: "IX_SpaceSamples_PoolId",
                table: "SpaceSamples");

            migrationBuilder.AddColumn<int>(
                name: "State",
                table: "Users",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "RefquotaCheck",
                table: "Pools",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "IX_VpsStatuses_CreatedAt",
                table: "VpsStatuses",
                column: "CreatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_UserSessions_UserId_Id",
                table: "UserSessions",
                columns: new[] { "UserId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Transactions_NodeId_Id",
                table: "Transactions",
                columns: new[] { "NodeId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Transactions_State_Id",
                table: "Transactions",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Transactions_Type_Id",
                table: "Transactions",
                columns: new[] { "Type", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_TransactionChains_Name_Id",
                table: "TransactionChains",
                columns: new[] { "Name", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_TransactionChains_State_Id",
                table: "TransactionChains",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_TransactionChains_UserId_Id",
                table: "TransactionChains",
                columns: new[] { "UserId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_DatasetId_At",
                table: "SpaceSamples",
                columns: new[] { "DatasetId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_PoolId_At",
                table: "SpaceSamples",
                columns: new[] { "PoolId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_SnapshotDownloads_ExpirationDate",
                table: "SnapshotDownloads",
                column: "ExpirationDate");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_VpsStatuses_CreatedAt",
                table: "VpsStatuses");

            migrationBuilder.DropIndex(
                name: "IX_UserSessions_UserId_Id",
                table: "UserSessions");

            migrationBuilder.DropIndex(
                name: "IX_Transactions_NodeId_Id",
                table: "Transactions");

            migrationBuilder.DropIndex(
                name: "IX_Transactions_State_Id",
                table: "Transactions");

            migrationBuilder.DropIndex(
                name: "IX_Transactions_Type_Id",
                table: "Transactions");

            migrationBuilder.DropIndex(
                name: "IX_TransactionChains_Name_Id",
                table: "TransactionChains");

            migrationBuilder.DropIndex(
                name: "IX_TransactionChains_State_Id",
                table: "TransactionChains");

            migrationBuilder.DropIndex(
                name: "IX_TransactionChains_UserId_Id",
                table: "TransactionChains");

            migrationBuilder.DropIndex(
                name: "IX_SpaceSamples_DatasetId_At",
                table: "SpaceSamples");

            migrationBuilder.DropIndex(
                name: "IX_SpaceSamples_PoolId_At",
                table: "SpaceSamples");

            migrationBuilder.DropIndex(
                name: "IX_SnapshotDownloads_ExpirationDate",
                table: "SnapshotDownloads");

            migrationBuilder.DropColumn(
                name: "State",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "RefquotaCheck",
                table: "Pools");

            migrationBuilder.CreateIndex(
                name: "IX_UserSessions_UserId",
                table: "UserSessions",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_Transactions_NodeId",
                table: "Transactions",
                column: "NodeId");

            migrationBuilder.CreateIndex(
                name: "IX_TransactionChains_State",
                table: "TransactionChains",
                column: "State");

            migrationBuilder.CreateIndex(
                name: "IX_TransactionChains_UserId",
                table: "TransactionChains",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_DatasetId",
                table: "SpaceSamples",
                column: "DatasetId");

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_PoolId",
                table: "SpaceSamples",
                column: "PoolId");
        }
    }
}
