using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VpsAdmin.Server.Data.Migrations
{
    /// <inheritdoc />
    public partial class ListIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Vpses_NodeId",
                table: "Vpses");

            migrationBuilder.DropIndex(
                name: "IX_Vpses_UserId",
                table: "Vpses");

            migrationBuilder.DropIndex(
                name: "IX_VpsMigrations_PlanId",
                table: "VpsMigrations");

            migrationBuilder.DropIndex(
                name: "IX_SnapshotDownloads_UserId",
                table: "SnapshotDownloads");

            migrationBuilder.DropIndex(
                name: "IX_MigrationPlans_UserId",
                table: "MigrationPlans");

            migrationBuilder.DropIndex(
                name: "IX_Datasets_UserId",
                table: "Datasets");

            migrationBuilder.CreateIndex(
                name: "IX_Vpses_NodeId_Id",
                table: "Vpses",
                columns: new[] { "NodeId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Vpses_State_Id",
                table: "Vpses",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Vpses_Template_Id",
                table: "Vpses",
                columns: new[] { "Template", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Vpses_UserId_Id",
                table: "Vpses",
                columns: new[] { "UserId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_VpsMigrations_PlanId_State",
                table: "VpsMigrations",
                columns: new[] { "PlanId", "State" });

            migrationBuilder.CreateIndex(
                name: "IX_SnapshotDownloads_UserId_Id",
                table: "SnapshotDownloads",
                columns: new[] { "UserId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_MigrationPlans_State_Id",
                table: "MigrationPlans",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_MigrationPlans_UserId_Id",
                table: "MigrationPlans",
                columns: new[] { "UserId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Datasets_UserId_Id",
                table: "Datasets",
                columns: new[] { "UserId", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Vpses_NodeId_Id",
                table: "Vpses");

            migrationBuilder.DropIndex(
                name: "IX_Vpses_State_Id",
                table: "Vpses");

            migrationBuilder.DropIndex(
                name: "IX_Vpses_Template_Id",
                table: "Vpses");

            migrationBuilder.DropIndex(
                name: "IX_Vpses_UserId_Id",
                table: "Vpses");

            migrationBuilder.DropIndex(
                name: "IX_VpsMigrations_PlanId_State",
                table: "VpsMigrations");

            migrationBuilder.DropIndex(
                name: "IX_SnapshotDownloads_UserId_Id",
                table: "SnapshotDownloads");

            migrationBuilder.DropIndex(
                name: "IX_MigrationPlans_State_Id",
                table: "MigrationPlans");

            migrationBuilder.DropIndex(
                name: "IX_MigrationPlans_UserId_Id",
                table: "MigrationPlans");

            migrationBuilder.DropIndex(
                name: "IX_Datasets_UserId_Id",
                table: "Datasets");

            migrationBuilder.CreateIndex(
                name: "IX_Vpses_NodeId",
                table: "Vpses",
                column: "NodeId");

            migrationBuilder.CreateIndex(
                name: "IX_Vpses_UserId",
                table: "Vpses",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_VpsMigrations_PlanId",
                table: "VpsMigrations",
                column: "PlanId");

            migrationBuilder.CreateIndex(
                name: "IX_SnapshotDownloads_UserId",
                table: "SnapshotDownloads",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_MigrationPlans_UserId",
                table: "MigrationPlans",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_Datasets_UserId",
                table: "Datasets",
                column: "UserId");
        }
    }
}
